# Sourced by the scripts of this folder: strict mode, the checkout as working folder, and root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export CCACHE_DIR=${CCACHE_DIR:-$PWD/build/ccache}
export CCACHE_SLOPPINESS=pch_defines,time_macros

# Runs a command as root: directly, or through sudo.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "this needs root: run it as root, or install sudo" >&2
    return 1
  fi
}

# What root wrote under build/ belongs to whoever owns the checkout.
give_back() {
  [ ! -d build ] || as_root chown -R --reference=. build
}

# Configures and builds a preset; further arguments go to `cmake --build`.
build() {
  local preset=$1
  shift
  cmake --preset "$preset" >"$(log "configure-$preset")" 2>&1 || {
    cat "$(log "configure-$preset")" >&2
    return 1
  }
  cmake --build "build/$preset" "$@"
}

log() {
  mkdir -p build
  echo "build/$1.log"
}
