#!/bin/sh
# Finds Spark and Java on this node, then becomes the process that was asked for: its exit code and signals are this one's.
#
#   foz_spark.sh daemon CLASS ARGUMENT...    a master or worker in the foreground
#   foz_spark.sh submit ARGUMENT...          the driver
#
# FOZ_SPARK_HOME       an unpacked Spark; without it $SPARK_HOME, then the pyspark of FOZ_SPARK_PYTHON
# FOZ_SPARK_EVENT_LOG  folder that must be there before the driver starts
# FOZ_SPARK_PACKAGES   folder whose jars go with the application
set -u

refuse() {
  echo "foz_spark.sh: $1" >&2
  exit 127
}

find_java() {
  [ -n "${JAVA_HOME:-}" ] && [ -x "$JAVA_HOME/bin/java" ] && return
  command -v java >/dev/null 2>&1 && unset JAVA_HOME && return
  refuse "no Java was found (JAVA_HOME is '${JAVA_HOME:-}', and no java is on PATH)"
}

# Where the package lies, without importing it: an import takes seconds, and runs code.
pyspark_folder() {
  "${FOZ_SPARK_PYTHON:-python3}" -c '
import importlib.util, sys
sys.path[:] = [folder for folder in sys.path if folder]
found = importlib.util.find_spec("pyspark")
print(found.submodule_search_locations[0] if found else "")' 2>/dev/null
}

find_spark() {
  SPARK_HOME=${FOZ_SPARK_HOME:-${SPARK_HOME:-}}
  [ -n "$SPARK_HOME" ] || SPARK_HOME=$(pyspark_folder)
  [ -n "$SPARK_HOME" ] || refuse "no Spark was found: no spark_home, no SPARK_HOME, and '${FOZ_SPARK_PYTHON:-python3}' has no pyspark"
  [ -x "$SPARK_HOME/bin/spark-class" ] || refuse "no Spark was found in '$SPARK_HOME': it has no bin/spark-class"
  export SPARK_HOME
}

make_event_log() {
  case ${FOZ_SPARK_EVENT_LOG:-} in
    '' | *://*) ;;
    *) mkdir -p "$FOZ_SPARK_EVENT_LOG" || refuse "the event log's folder '$FOZ_SPARK_EVENT_LOG' cannot be made" ;;
  esac
}

# The jars of FOZ_SPARK_PACKAGES with commas between them, as --jars wants them.
jars() {
  list=
  for jar in "$1"/*.jar; do
    [ -e "$jar" ] || continue
    case $jar in *,*) refuse "a comma in the name of '$jar': Spark cannot take it" ;; esac
    list=${list:+$list,}$jar
  done
  echo "$list"
}

find_java
find_spark
kind=$1
shift
case $kind in
  daemon)
    exec "$SPARK_HOME/bin/spark-class" "$@"
    ;;
  submit)
    make_event_log
    if [ -n "${FOZ_SPARK_PACKAGES:-}" ]; then
      list=$(jars "$FOZ_SPARK_PACKAGES") || exit 127
      [ -n "$list" ] || refuse "packages folder '$FOZ_SPARK_PACKAGES' holds no jar"
      set -- --jars "$list" "$@"
    fi
    exec "$SPARK_HOME/bin/spark-submit" "$@"
    ;;
  *)
    refuse "'$kind' is neither daemon nor submit"
    ;;
esac
