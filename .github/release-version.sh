#!/usr/bin/env bash
# Refuses to release what is not ready: the tag, Cargo.toml, Cargo.lock and the changelog name the same version, and
# Cargo.toml says where the releases are.
set -euo pipefail

fail() { echo "::error title=release::$1" && exit 1; }

tag=${GITHUB_REF_NAME:?}
version=${tag#v}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || fail "the tag is no version like v0.2.0"
field() { sed -n "s/^$1 = \"\(.*\)\"\$/\1/p" Cargo.toml | head -n 1; }
[ "$(field version)" = "$version" ] || fail "Cargo.toml is of version $(field version), the tag of $version"
grep -A 1 '^name = "kiln"$' Cargo.lock | grep -qxF "version = \"$version\"" || fail "Cargo.lock is not of version $version"
grep -qE "^## ${version//./\\.}( |\$)" CHANGELOG.md || fail "CHANGELOG.md has no part \"## $version\""
# cargo-binstall looks for releases there.
[ "$(field repository)" = "${GITHUB_SERVER_URL:?}/${GITHUB_REPOSITORY:?}" ] ||
  fail "Cargo.toml needs repository = \"$GITHUB_SERVER_URL/$GITHUB_REPOSITORY\""
echo "version=$version" >>"${GITHUB_OUTPUT:?}"
