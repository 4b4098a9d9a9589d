# Sourced: packages of another Debian suite, without touching the machine's own apt state and packages.

# The first mirror of the machine's own sources that is not a security archive.
debian_mirror() {
    local list=/etc/apt/sources.list.d/debian.sources
    if [[ -f $list ]]; then
        sed -n 's/^URIs:[[:space:]]*//p' "$list" | tr -s '[:space:]' '\n'
    else
        sed -nE 's/^deb[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+).*/\2/p' /etc/apt/sources.list
    fi | grep -v security | head -n1
}

# private_apt FOLDER SUITE [MIRROR]: creates a separate apt root in FOLDER (sources, lists, cache and an empty package
# status) and reads the package lists. Use it as: apt-get -c FOLDER/apt.conf ...
private_apt() {
    local apt=$1 suite=$2 url=${3:-$(debian_mirror)}
    [[ -n $url ]] || { echo "No Debian mirror was found in the machine's apt sources." >&2; return 1; }
    mkdir -p "$apt"/{lists/partial,archives/partial,empty}
    : >"$apt/status"
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $url $suite main" >"$apt/sources.list"
    # Read after the machine's own configuration, so its proxies and credentials stay in force.
    cat >"$apt/apt.conf" <<EOF
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "$apt/empty";
Dir::Etc::preferences "$apt/none";
Dir::Etc::preferencesparts "$apt/empty";
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::archives "$apt/archives";
Dir::Log "$apt";
APT::Sandbox::User "root";
APT::Get::Assume-Yes "true";
APT::Install-Recommends "false";
Acquire::Languages "none";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
EOF
    apt-get -c "$apt/apt.conf" -q update >"$apt/update.log" 2>&1 || { cat "$apt/update.log" >&2; return 1; }
}
