#!/usr/bin/env bash
# Installs the built library into a folder and builds and runs programs against it as its users do.
#
#     check.sh install|c|cpp BUILD SOURCE [CXX]
set -euo pipefail
part=$1 build=$2 source=$3 cxx=${4:-c++}
prefix=$build/consumers/installed
model=$source/tests/golden/llama-text

# What the program itself answers, in the words of the consumers.
expected() {
  "$prefix/bin/typecase" generate "the cat" --model "$model" --dtype float32 --max-new-tokens 5 --no-do-sample 2>/dev/null |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["sequences"][0])'
}

same() {
  local answer=$1
  [[ $(head -n 1 <<<"$answer") == "$(expected)" ]] || { printf 'another answer:\n%s\n' "$answer"; exit 1; }
  printf '%s\n' "$answer"
}

case $part in
  install)
    rm -rf "$prefix"
    cmake --install "$build" --component typecase --prefix "$prefix"
    for page in man/man1/typecase.1 bash-completion/completions/typecase zsh/site-functions/_typecase \
                fish/vendor_completions.d/typecase.fish; do
      [[ -s $prefix/share/$page ]] || { echo "$page is missing or empty"; exit 1; }
    done ;;
  c)
    command -v pkg-config >/dev/null || { echo "skipped: pkg-config is missing"; exit 77; }
    PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name typecase.pc)")
    export PKG_CONFIG_PATH
    read -ra flags <<<"$(pkg-config --cflags --libs typecase)"
    # -Wpedantic -std=c99: the header is for C programs of any age.
    cc -std=c99 -Wall -Wextra -Wpedantic -Werror -o "$build/consumers/c" "$source/tests/consumers/c/main.c" "${flags[@]}"
    libraries=$(pkg-config --variable=libdir typecase)
    same "$(LD_LIBRARY_PATH=$libraries "$build/consumers/c" "$model")" ;;
  cpp)
    rm -rf "$build/consumers/cpp"
    cmake -G Ninja -S "$source/tests/consumers/cpp" -B "$build/consumers/cpp" "-DCMAKE_PREFIX_PATH=$prefix" \
      "-DCMAKE_CXX_COMPILER=$cxx" -DCMAKE_BUILD_TYPE=Release >/dev/null
    cmake --build "$build/consumers/cpp"
    same "$("$build/consumers/cpp/main" "$model")" ;;
esac
