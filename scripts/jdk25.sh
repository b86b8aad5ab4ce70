# Sourced: sets JDK25 to a JDK of release 25 or later, from JAVA_HOME or the usual places, and a UTF-8 locale.
# Ends the script with a message where there is none.

s3dock_is_jdk25() {
  [ -x "$1/bin/javac" ] || return 1
  local release
  release=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null)
  [ -n "$release" ] && [ "$release" -ge 25 ]
}

JDK25=
for candidate in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/java/* /opt/jdk* \
  "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* /Library/Java/JavaVirtualMachines/*/Contents/Home; do
  if [ -n "$candidate" ] && s3dock_is_jdk25 "$candidate"; then
    JDK25=$candidate
    break
  fi
done
if [ -z "$JDK25" ]; then
  echo "s3dock needs a JDK 25 or later and found none: install one (https://adoptium.net), or set JAVA_HOME to it" >&2
  exit 1
fi
export JDK25

# Java takes file names in the charset of the locale: without UTF-8 it cannot name all the files of a build context.
export LC_ALL=C.UTF-8
