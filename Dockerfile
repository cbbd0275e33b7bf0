# The production image: no embedded servers, no compilers, not root.
FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /onedoor
COPY requirements/base.txt requirements/base.txt
RUN python -m venv /venv && /venv/bin/pip install --require-hashes -r requirements/base.txt
COPY manage.py ./
COPY portal portal
COPY consent consent
COPY intake intake
COPY eligibility eligibility
COPY casework casework
COPY templates templates
COPY locale locale
COPY assets assets
COPY static static
# Placeholders: collecting static files reads the settings and asks no server.
RUN /venv/bin/python -c "from pathlib import Path; from portal.services.translations import compile_stale; compile_stale(Path('.'))" \
 && SECRET_KEY=build-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP \
    PSEUDONYM_KEY=build-only-9876543210-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP ALLOWED_HOSTS=build.invalid \
    DATABASE_URL=postgresql://build@127.0.0.1/build REDIS_URL=redis://127.0.0.1/0 EMAIL_HOST=build.invalid \
    DJANGO_SETTINGS_MODULE=portal.settings.production /venv/bin/python manage.py collectstatic --noinput -v0

FROM python:3.13-slim-trixie
ENV DJANGO_SETTINGS_MODULE=portal.settings.production PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/venv/bin:$PATH
RUN groupadd --system --gid 10001 onedoor && useradd --system --uid 10001 --gid onedoor --home /onedoor --no-create-home onedoor \
 && install -d -o onedoor -g onedoor /var/lib/onedoor /var/lib/onedoor/media /var/lib/onedoor/beat
COPY --from=build /venv /venv
COPY --from=build /onedoor /onedoor
WORKDIR /onedoor
USER onedoor
EXPOSE 8000
CMD ["gunicorn", "portal.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "4", "--preload", "--no-control-socket", "--access-logfile", "-"]
