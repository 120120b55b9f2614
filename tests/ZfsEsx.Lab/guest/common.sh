# read by build-userland.sh and build-modules.sh: what both mmdebstrap runs share
# MIRROR: a Debian mirror. KEYRING: the archive's keys.
SUITE=trixie
: "${MIRROR:?the address of a Debian mirror}"
KEYRING=${KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
COMMON=(
  --keyring="$KEYRING"
  --aptopt='APT::Install-Recommends "false"'
  --aptopt='Acquire::Languages "none"'
  --aptopt='Acquire::Retries "3"'
  --dpkgopt='force-unsafe-io'
  --dpkgopt='path-exclude=/usr/share/man/*'
  --dpkgopt='path-exclude=/usr/share/doc/*'
  --dpkgopt='path-exclude=/usr/share/locale/*'
  --dpkgopt='path-exclude=/usr/share/info/*'
)

# prepare DIR: mmdebstrap works below DIR, so that nothing is left elsewhere if it is killed; its root is another user
prepare() {
  chmod 755 "$1"
  mkdir -m 1777 -p "$1/tmp"
  export TMPDIR=$1/tmp
}
