#!/bin/sh
# Begins the file .env for docker-compose.yml: fresh secrets, and the settings to fill in.
# Usage: deploy/make-env.sh onedoor.example.org > .env
set -eu
if [ $# -ne 1 ]; then
  echo "usage: deploy/make-env.sh HOST > .env   (HOST: the name people type, without https://)" >&2
  exit 2
fi
secret() { head -c 48 /dev/urandom | base64 | tr -d '\n' | tr '+/' '-_'; }
cat <<END
# Secrets. Keep a copy of this file where the backups are: without SECRET_KEY and PSEUDONYM_KEY a backup is not whole.
SECRET_KEY=$(secret)
PSEUDONYM_KEY=$(secret)
POSTGRES_PASSWORD=$(secret)
OWNER_PASSWORD=$(secret)
APP_PASSWORD=$(secret)
REDIS_PASSWORD=$(secret)

# The address. More hosts: separated by commas, the main one first.
ALLOWED_HOSTS=$1

# The mail server. As long as these lines begin with #, e-mails land in the trial's mailbox at http://127.0.0.1:8025.
#EMAIL_HOST=mail.example.org
#EMAIL_PORT=587
#EMAIL_TLS=yes
#EMAIL_USER=
#EMAIL_PASSWORD=
EMAIL_FROM="OneDoor <no-reply@$1>"

# Shown to people.
#CONTACT_PHONE=020 7946 0000
SECURITY_CONTACT=mailto:security@$1
END
