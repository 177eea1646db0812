#!/bin/sh
# A new version takes over without a failed request: it comes up beside the old one, nginx changes over in an instant
# (requests in flight are finished where they began), and only then is the old one replaced.
set -eu
cd "$(dirname "$0")/.."

ask() { # the web service that nginx is to ask from now on
    sed "s/^server [^ ]*/server $1:8000/" deploy/upstream.conf > deploy/upstream.next
    cat deploy/upstream.next > deploy/upstream.conf # the container sees this very file: it must not be exchanged
    rm deploy/upstream.next
    docker compose exec nginx nginx -s reload
    sleep 5 # what was on its way to the other one has arrived
}

docker compose build
docker compose run --rm migrate # the version before goes on serving: tests/test_migrations.py sees to that
docker compose --profile next up --detach --no-deps --wait web-next
ask web-next
docker compose up --detach --no-deps --wait web
ask web
docker compose --profile next stop web-next
docker compose up --detach --no-deps worker chores beat # SIGTERM: jobs are finished within 20 s or given back
