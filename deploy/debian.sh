# Sourced by ./run and ./test: installs what is missing from Debian's packages, and nothing when nothing is.

# need_packages WHY PACKAGE…
need_packages() {
    local why="$1" package
    shift
    if ! command -v dpkg-query >/dev/null; then
        echo "This is no Debian: make sure that the equivalents of these are there ($why): $*" >&2
        return 0
    fi
    local missing=()
    for package in "$@"; do
        if [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
            missing+=("$package")
        fi
    done
    if [ ${#missing[@]} -eq 0 ]; then return 0; fi

    echo "Installing from Debian's packages ($why): ${missing[*]}"
    local root=()
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null || { [ ! -t 0 ] && ! sudo -n true 2>/dev/null; }; then
            echo "That needs root. Run this as root, then start again:" >&2
            echo "    apt-get update && apt-get install --yes ${missing[*]}" >&2
            return 1
        fi
        echo "That needs root: sudo may ask for your password, for this alone."
        root=(sudo)
    fi
    if [ -z "${packages_are_fresh:-}" ]; then
        "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update --quiet </dev/null || {
            echo "The list of Debian's packages cannot be fetched." >&2
            return 1
        }
        packages_are_fresh=yes
    fi
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet \
        --no-install-recommends "${missing[@]}" </dev/null || {
        echo "These packages cannot be installed: ${missing[*]}" >&2
        return 1
    }
}

need_swift() {
    if ! command -v swift >/dev/null; then
        echo "Swift is not installed, or not in PATH: https://www.swift.org/install" >&2
        return 1
    fi
}

# What the program is linked with, as Package.swift says, and what it reads when it runs.
mapfile -t build_packages < <(sed -n 's/.*\.apt(\["\(.*\)"\]).*/\1/p' Package.swift | sed 's/", *"/\n/g' | sort -u)
runtime_packages=(tzdata)
