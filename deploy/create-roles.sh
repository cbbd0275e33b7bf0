#!/bin/bash
# Runs once, when the database folder is made: the two weak roles and their database. The superuser serves nobody.
set -euo pipefail
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  -v owner_password="$OWNER_PASSWORD" -v app_password="$APP_PASSWORD" <<'SQL'
create role portal_owner login nosuperuser nocreatedb nocreaterole nobypassrls password :'owner_password';
create role portal_app login nosuperuser nocreatedb nocreaterole nobypassrls password :'app_password';
create database portal owner portal_owner template template0 encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' locale 'C';
SQL
