#!/usr/bin/env bash
# cmake and nasm, which libaom and mozjpeg are built with, on a machine of GitHub's. cmake is there on all but Linux.
set -euo pipefail

case ${RUNNER_OS:?} in
  Linux) sudo apt-get update -q && sudo apt-get install -qy --no-install-recommends cmake nasm ;;
  macOS) brew install nasm ;;
  Windows)
    choco install nasm --no-progress --yes
    echo 'C:\Program Files\NASM' >>"${GITHUB_PATH:?}"
    ;;
esac
