#!/bin/sh
# A new version takes over without a failed request: it comes up beside the old one, nginx changes over in an instant
# (requests in flight are finished where they began), and only then is the old one replaced. Whatever fails, the version
# that nginx asks is not touched, a sentence says which it is, and the exit status is not 0; then mend it and run this
# again. Options go to `docker compose up` of the workers: deploy/roll.sh --scale worker=3
set -eu
cd "$(dirname "$0")/.."

up() { # start anew what has changed, and wait until it is healthy
    docker compose --profile next up --detach --no-deps --wait --wait-timeout 300 "$@"
}

asked() { # the web service that nginx asks
    sed -n 's/^server \([^:]*\):.*/\1/p' deploy/upstream.conf
}

name() { # … and is to ask once it has read its files again
    sed "s/^server [^:]*:/server $1:/" deploy/upstream.conf > deploy/upstream.next
    cat deploy/upstream.next > deploy/upstream.conf # the container sees this very file: it must not be exchanged
    rm deploy/upstream.next
}

ask() {
    name "$1"
    if ! docker compose exec -T nginx grep -q "^server $1:" /etc/nginx/upstream.conf; then
        echo "nginx does not see deploy/upstream.conf as it is. Once: docker compose up --detach --force-recreate nginx" >&2
        return 1
    fi
    docker compose exec -T nginx nginx -s reload
    sleep 5 # what was on its way to the other one has arrived
}

drop_next() {
    docker compose --profile next rm --stop --force web-next
}

ended() {
    status=$?
    trap - EXIT
    case $stage in
    done) exit 0 ;;
    before) echo "Nothing was replaced: the former version serves." >&2 ;;
    beside)
        docker compose --profile next logs --tail 30 web-next >&2 || true
        drop_next || true
        echo "The new version does not come up: the former one goes on serving." >&2
        ;;
    over)
        if ask web; then drop_next || true; fi
        echo "nginx could not be told of the new version: the former one goes on serving." >&2
        ;;
    replacing)
        name web-next
        docker compose exec -T nginx nginx -s reload || true
        echo "The new version serves as web-next, which stays until deploy/roll.sh has replaced web." >&2
        ;;
    workers) echo "The new version serves, but not all of its workers are well: docker compose ps" >&2 ;;
    esac
    [ "$status" -ne 0 ] || status=1
    exit "$status"
}

stage=before
trap ended EXIT
trap 'exit 1' HUP INT TERM
gpu=$(docker compose --profile gpu ps --services --status running | grep -x worker-gpu || true)
docker compose ${gpu:+--profile gpu} build
docker compose run --rm -T migrate # the version before goes on serving: tests/test_migrations.py sees to that
if [ "$(asked)" = web ]; then # else an earlier run ended half-way, and web-next must not be touched
    stage=beside
    up web-next
    stage=over
    ask web-next
fi
stage=replacing
up web
ask web
stage=workers
drop_next
up "$@" worker chores beat ${gpu:+"$gpu"} # SIGTERM: jobs are finished within 20 s or given back
stage=done
if ! docker compose exec -T nginx cat /etc/nginx/nginx.conf | cmp -s - deploy/nginx.conf; then
    echo "nginx runs with a former deploy/nginx.conf. At a quiet hour: docker compose up --detach --force-recreate nginx"
fi
echo "The new version serves."
