# What the "run" scripts of the examples share. Each sets "here", the folder of its example, and sources this file.
# It leaves in "program" the options and the class path of the example, and in "java" the JVM.

example=${here##*/}
root=$(cd -- "$here/../.." && pwd -P)
target="$here/target"
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
# An example may add to these before it calls build_if_needed.
profiles=quick
sources=("$root"/pom.xml "$root"/*/pom.xml "$root"/*/src/main "$here"/pom.xml "$here"/src/main)

# Sets the folder that the profiles build into.
build_into() {
  output=$1
  # SQLite's driver loads a native library; newer JDKs warn about that without this option.
  program=(--enable-native-access=ALL-UNNAMED -cp "$output/$example.jar:$output/lib/*")
}
build_into "$target"

# An example may replace this.
after_build() { :; }

is_current() {
  [ -e "$output/run.built" ] && [ -z "$(find "${sources[@]}" -newer "$output/run.built" -print -quit)" ]
}

build() {
  local log="$output/run.log"
  # Stamped before the build: a file that changes during the build is newer, and is built next time.
  touch "$output/run.built.began"
  echo "Building Lease and examples/$example (the first time: a minute or two) ..." >&2
  if ! (cd "$root" && mvn -q -B -P"$profiles" -Dmaven.test.skip=true -pl "examples/$example" -am package) \
      >"$log" 2>&1; then
    cat "$log" >&2
    echo "The build failed; the lines above are also in $log" >&2
    exit 1
  fi
  after_build
  mv "$output/run.built.began" "$output/run.built"
}

build_if_needed() {
  is_current && return
  mkdir -p "$output"
  # Several terminals may start at once.
  if command -v flock >/dev/null; then
    exec 9>"$target/run.lock"
    flock 9
  fi
  is_current || build
  exec 9>&-
}
