#!/usr/bin/env bash
# Finds or fetches kiln, and says where this run's results are kept. Inputs come as environment variables only.
#
# A release is checked twice. SHA256SUMS of the same release finds a damaged download. It cannot find a replaced release,
# so where `gh` is there, the file must also have been attested by this repository's release workflow. Checksums in this
# repository would not do better: those of a release cannot be known in the commit that it is built from.
set -euo pipefail

# In the words of bash 3.2, which macOS has.
fail() {
  # Of one line, and without what would start another command.
  local text=${1//\%/%25}
  text=${text//$'\r'/%0D}
  text=${text//$'\n'/%0A}
  printf '::error title=kiln::%s\n' "$text"
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Windows has two ways to write a path: bash needs one, other programs the other.
posix() { if have cygpath; then cygpath -u "$1"; else printf '%s\n' "$1"; fi; }
native() { if have cygpath; then cygpath -w "$1"; else printf '%s\n' "$1"; fi; }

output() {
  local end
  end=end-$RANDOM$RANDOM$RANDOM
  printf '%s<<%s\n%s\n%s\n' "$1" "$end" "$2" "$end" >>"$GITHUB_OUTPUT"
}

sha256() { if have sha256sum; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1; }

# Which release fits this machine.
target() {
  case ${RUNNER_OS:?}-${RUNNER_ARCH:?} in
    Linux-X64) echo "x86_64-unknown-linux-$(libc)" ;;
    Linux-ARM64) echo "aarch64-unknown-linux-$(libc)" ;;
    macOS-X64) echo x86_64-apple-darwin ;;
    macOS-ARM64) echo aarch64-apple-darwin ;;
    Windows-X64) echo x86_64-pc-windows-msvc ;;
    *) return 1 ;;
  esac
}

# The GNU builds are made against glibc 2.35; the static ones run anywhere.
libc() {
  local version pattern='^glibc 2[.]([0-9]+)'
  version=$(getconf GNU_LIBC_VERSION 2>/dev/null || true)
  if [[ $version =~ $pattern ]] && ((BASH_REMATCH[1] >= 35)); then echo gnu; else echo musl; fi
}

# Fetches $1 to $2. 1: it is not there. 2: something went wrong.
fetch() {
  local status
  status=$(curl --proto "$protocols" --proto-redir "$protocols" --tlsv1.2 -sSL --retry 3 --connect-timeout 30 \
    --max-time 600 --output "$2" --write-out '%{http_code}' "$1") || return 2
  case $status in
    200) return 0 ;;
    404) return 1 ;;
    *) echo "$1: HTTP $status" >&2 && return 2 ;;
  esac
}

# Leaves the release's program in $place, or says in $missing why there is none for this machine.
download() {
  local triple name wanted found got=0
  triple=$(target) || { missing="no release is made for $RUNNER_OS-$RUNNER_ARCH" && return; }
  name=kiln-v$version-$triple
  have curl || fail 'curl is needed to download kiln; or name a kiln with kiln-path'
  cd "$(mktemp -d "$(posix "${RUNNER_TEMP:?}")/kiln-download.XXXXXX")"
  fetch "$releases/v$version/$name.tar.gz" archive.tar.gz || got=$?
  if [ "$got" = 1 ]; then missing="$repository has no $name.tar.gz in a release v$version" && return; fi
  [ "$got" = 0 ] || fail "$name.tar.gz could not be downloaded"
  fetch "$releases/v$version/SHA256SUMS" sums || fail "the checksums of release v$version could not be downloaded"
  wanted=$(awk -v name="$name.tar.gz" '$2 == name || $2 == "*" name { print $1 }' sums)
  found=$(sha256 <archive.tar.gz)
  [[ $wanted =~ ^[0-9a-f]{64}$ ]] || fail "the checksums of release v$version do not list $name.tar.gz"
  [ "$found" = "$wanted" ] || fail "$name.tar.gz is damaged: its SHA-256 is $found and should be $wanted"
  echo "SHA-256 $found, as the release lists it"
  provenance archive.tar.gz "$name"
  tar -xzf archive.tar.gz "$name/kiln$exe"
  mkdir -p "$place"
  mv -f "$name/kiln$exe" "$place/kiln$exe"
}

# The file was built by the release workflow of this repository.
provenance() {
  if [ "${GITHUB_SERVER_URL:-}" != https://github.com ] || [ -z "${GH_TOKEN:-}" ] || ! have gh ||
    ! gh attestation verify --help >/dev/null 2>&1; then
    echo 'where it was built is not checked: that needs a recent gh, a token, and github.com'
    return
  fi
  gh attestation verify "$1" --repo "$repository" --signer-workflow "$repository/.github/workflows/release.yml" ||
    fail "nothing shows that $2.tar.gz was built by the release workflow of $repository"
}

# Only with the manifest of this action, and only from this repository's releases: the bare name could be anyone's.
binstall() {
  have cargo-binstall || return 1
  cargo-binstall --no-confirm --disable-telemetry --strategies crate-meta-data --manifest-path "$(native "$action")" \
    --pkg-url "${GITHUB_SERVER_URL:-https://github.com}/$repository/releases/download/v{ version }/{ name }-v{ version }-{ target }.tar.gz" \
    --install-path "$(native "$place")" --version "=$version" kiln
}

action=$(posix "${GITHUB_ACTION_PATH:?}")
exe=
if [ "${RUNNER_OS:-}" = Windows ]; then exe=.exe; fi

# Results of every build with these inputs, else of any build on such a machine.
cache=$(posix "${RUNNER_TEMP:?}")/kiln-cache
mkdir -p "$cache"
like=kiln-v1-$RUNNER_OS-$RUNNER_ARCH-
same=$like$(printf '%s\0' "${GITHUB_WORKFLOW:-}" "${GITHUB_JOB:-}" "${INPUT_PATH:-}" "${INPUT_ARGS:-}" | sha256 | cut -c 1-16)-
output cache-dir "$(native "$cache")"
output cache-key "$same${GITHUB_RUN_ID:-0}-${GITHUB_RUN_ATTEMPT:-1}"
output cache-restore-keys "$same"$'\n'"$like"

if [ -n "${INPUT_KILN_PATH:-}" ]; then
  program=$(command -v -- "$INPUT_KILN_PATH" || true)
  case $program in
    */*) program=$(cd "$(dirname -- "$program")" && pwd)/$(basename -- "$program") ;;
    *) fail "kiln-path: $INPUT_KILN_PATH is no program" ;;
  esac
else
  version=${INPUT_VERSION:-$(sed -n 's/^version = "\(.*\)"$/\1/p' "$action/Cargo.toml" | head -n 1)}
  version=${version#v}
  [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$ ]] || fail "version: $version is no version like 0.2.0"
  # A local copy of the action (`uses: ./`) belongs to the repository that runs it.
  repository=${ACTION_REPOSITORY:-${GITHUB_REPOSITORY:?}}
  [[ $repository =~ ^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$ ]] || fail "$repository is no repository"
  releases=${GITHUB_SERVER_URL:-https://github.com}/$repository/releases/download
  protocols='=https'
  # For tests, and harmless elsewhere: who listens on this machine's own loopback runs code on it already.
  if [[ ${ACTION_TEST_RELEASES:-} =~ ^http://127\.0\.0\.1:[0-9]+$ ]]; then
    releases=$ACTION_TEST_RELEASES
    protocols='=http'
  fi
  place=$(posix "${RUNNER_TOOL_CACHE:-$RUNNER_TEMP}")/kiln/$version/$RUNNER_ARCH
  program=$place/kiln$exe
  missing=
  if [ -x "$program" ]; then
    echo "kiln $version is here already"
  else
    download
  fi
  if [ -n "$missing" ]; then
    echo "$missing; trying cargo-binstall"
    binstall || fail "$missing, and cargo-binstall cannot install it; or name a kiln with kiln-path"
  fi
fi

said=$("$program" --version 2>&1) || fail "$program does not run: $said"
echo "$said"
output program "$(native "$program")"
