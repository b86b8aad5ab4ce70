# shellcheck shell=bash
#
# What run and doors have in common: servers, the proxy that counts bytes, and checks. These set before they source this:
# work (a folder), app (what all names in the bucket begin with), bucket, server, JDK25; they kill the processes in pids.

say() { printf '%s %s\n' "$(date +%T)" "$*" >&2; }

install() {
  local missing=() package
  for package in pigz rclone docker-registry time; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
  # Its package starts a registry for the whole machine, which nobody asked for.
  case " ${missing[*]} " in *" docker-registry "*) systemctl disable --now docker-registry >/dev/null 2>&1 || true ;; esac
}
first_line() { # file: waits for a server's first line
  local try
  for try in $(seq 1200); do
    [ -s "$1" ] && head -n 1 "$1" && return 0
    sleep 0.1
  done
  cat "$1.err" >&2
  return 1
}
free_port() {
  local port
  for port in $(shuf -i 20000-30000 -n 50); do
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port" && return 0; }
  done
}
answers() { # port
  local try
  for try in $(seq 300); do
    (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return 0
    sleep 0.1
  done
  say "nothing answers on port $1" && return 1
}
start_server() {
  export AWS_ACCESS_KEY_ID=s3dock-bench AWS_SECRET_ACCESS_KEY=s3dock-bench-secret AWS_REGION=us-east-1
  case $server in
    s3mock) start_s3mock ;;
    ceph)
      scripts/ceph run --dir "$work/ceph" --disk 60 >"$work/server" 2>"$work/server.err" &
      pids+=($!)
      endpoint_host=$(first_line "$work/server")
      endpoint_host=${endpoint_host#http://}
      ;;
    *) say "there is no server $server" && exit 2 ;;
  esac
}
start_s3mock() {
  local port
  port=$(free_port)
  JAVA_HOME=$JDK25 mvn -q -o test-compile dependency:build-classpath -Dmdep.outputFile="$work/classpath" >"$work/mvn.log" 2>&1 ||
    JAVA_HOME=$JDK25 mvn -q test-compile dependency:build-classpath -Dmdep.outputFile="$work/classpath" >&2
  mkdir -p "$work/objects"
  "$JDK25/bin/java" -Xmx512m -cp "$(cat "$work/classpath")" bench/S3Server.java "$port" "$work/objects" "$bucket" \
    >"$work/server.log" 2>&1 &
  pids+=($!)
  answers "$port" || { cat "$work/server.log" >&2 && exit 1; }
  endpoint_host=127.0.0.1:$port
}
start_proxy() {
  "$JDK25/bin/java" bench/CountingProxy.java 0 "$endpoint_host" >"$work/proxy" 2>"$work/proxy.err" &
  pids+=($!)
  read -r proxy_port counts_port <<<"$(first_line "$work/proxy")"
  export AWS_ENDPOINT_URL=http://127.0.0.1:$proxy_port S3DOCK_BUCKET=$bucket
  unset AWS_CA_BUNDLE # rclone and the registry fail over it, and there is no TLS here
  export RCLONE_CONFIG=/dev/null RCLONE_CONFIG_S3_TYPE=s3 RCLONE_CONFIG_S3_PROVIDER=Other RCLONE_CONFIG_S3_ENV_AUTH=true
  export RCLONE_CONFIG_S3_ENDPOINT=$AWS_ENDPOINT_URL RCLONE_CONFIG_S3_REGION=$AWS_REGION
  export RCLONE_CONFIG_S3_FORCE_PATH_STYLE=true RCLONE_CONFIG_S3_NO_CHECK_BUCKET=true
}
# A line of 100 Mbit/s with a round trip of 20 ms in front of a server. Prints its port.
start_line() { # host:port, file for its output
  "$JDK25/bin/java" bench/CountingProxy.java 0 "$1" 100 20 >"$2" 2>"$2.err" &
  echo $! >"$2.pid"
  first_line "$2" | cut -d ' ' -f 1
}
start_registry() {
  registry=127.0.0.1:$(free_port)
  cat >"$work/registry.yml" <<CONFIG
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage:
  s3:
    accesskey: $AWS_ACCESS_KEY_ID
    secretkey: $AWS_SECRET_ACCESS_KEY
    region: $AWS_REGION
    regionendpoint: $AWS_ENDPOINT_URL
    bucket: $bucket
    secure: false
    v4auth: true
    encrypt: false
    rootdirectory: /$app-registry
  redirect: {disable: true}
http:
  addr: $registry
  secret: bench
health:
  storagedriver: {enabled: false}
CONFIG
  chmod 600 "$work/registry.yml"
  docker-registry serve "$work/registry.yml" >"$work/registry.log" 2>&1 &
  pids+=($!)
  answers "${registry#*:}"
}
counts() { cat <"/dev/tcp/127.0.0.1/$counts_port"; }
median() { # row, column, field (4 seconds, 5 up, 6 down, 7 peak KiB): of the lines of $work/figures that begin with $scope
  awk -v m="$scope" -v r="$1" -v c="$2" -v f="$3" '$1 == m && $2 == r && $3 == c { print $f }' "$work/figures" | sort -g |
    awk '{ a[NR] = $1 } END { if (NR) print (NR % 2) ? a[(NR + 1) / 2] : (a[NR / 2] + a[NR / 2 + 1]) / 2 }'
}
check() { # words, figure, sign, limit: decided by figure SIGN limit
  [ -n "$2" ] && [ -n "$4" ] || { printf '| %s | not measured | |\n' "$1" && return 0; }
  awk -v w="$1" -v x="$2" -v sign="$3" -v limit="$4" 'BEGIN {
    ok = sign == "<=" ? x <= limit : x >= limit
    printf "| %s | %.2f, limit %.2f | %s |\n", w, x, limit, ok ? "reached" : "**not reached**" }'
}
quotient() { [ -n "$1" ] && [ -n "$2" ] && awk -v a="$1" -v b="$2" 'BEGIN { if (b > 0) print a / b }' || true; }
