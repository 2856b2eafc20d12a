#!/usr/bin/env bash
# Makes all that is published: archives of the executable, NuGet packages, the npm package, and their checksums.
# It needs the .NET SDK, and Node 20 for the page and the npm package.
set -euo pipefail

usage() {
  cat <<'END'
deploy/pack.sh [--output DIR] [--version VERSION]
  --output DIR        Where everything is put; files of these names are replaced. [default: artifacts/packages]
  --version VERSION   The version of all. [default: the one in Directory.Build.props]
END
}

fail() {
  echo "error: $*" >&2
  exit 2
}

repository=$(cd "$(dirname "$0")/.." && pwd)
output=$repository/artifacts/packages version="" given=()
while [ $# -gt 0 ]; do
  case $1 in
    --output) output=${2:?--output names a directory} ;;
    --version) version=${2:?--version names a version} given=("-p:Version=$2") ;;
    --help | -h)
      usage
      exit
      ;;
    *) fail "$1 is unknown: see --help." ;;
  esac
  shift 2
done
mkdir -p "$output"
output=$(cd "$output" && pwd)
cd "$repository"
project=src/MotionGateway.Cli
version=${version:-$(dotnet msbuild "$project" -getProperty:Version)}
# Times within the archives, so that the same commit gives the same files.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/made"

# An archive of the executable as a profile publishes it: PROFILE NAME.
archive() {
  local directory="$work/$2"
  dotnet publish "$project" -p:PublishProfile="$1" "${given[@]}" -o "$directory" -v quiet --nologo
  [ -f "$directory/page/index.html" ] || fail "the web page was not built: that needs Node 20 or newer with npm."
  cp -r LICENSE deploy/systemd "$directory"
  mv "$directory/systemd/install.sh" "$directory"
  echo "$version" >"$directory/VERSION"
  tar --create --directory "$work" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --mode=u=rwX,go=rX "$2" | gzip --no-name >"$work/made/$2.tar.gz"
}

# The web client, built with the page.
npm_package() {
  mkdir "$work/web"
  cp -r clients/web/{package.json,README.md,LICENSE,dist} "$work/web"
  (cd "$work/web" && npm pkg set version="$version" && npm pack --silent --ignore-scripts --pack-destination "$work/made" >/dev/null)
}

archive portable "motiongateway-$version"
archive self-contained "motiongateway-$version-linux-x64"
dotnet pack MotionGateway.sln "${given[@]}" -o "$work/made" -v quiet --nologo
npm_package
(cd "$work/made" && sha256sum -- * >SHA256SUMS)
mv "$work/made"/* "$output"
cat "$output/SHA256SUMS"
