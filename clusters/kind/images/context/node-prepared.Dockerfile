# A node as an administrator would have set it up: SSH, sudo, firewall tools, and on node01 a Docker of its own.
ARG NODE_IMAGE
FROM ${NODE_IMAGE}
ARG APT_MIRROR
COPY programs/ /usr/local/lib/breachlab/
# What makes an image a node image (kind, pkg/build/nodeimage): kind refuses any other with less helpful words.
RUN test -e /kind/version || { echo 'breachlab: not a node image'; exit 1; }
RUN /usr/local/lib/breachlab/install-tools openssh-server=sshd sudo=sudo iptables=iptables nftables=nft ufw=ufw \
    docker.io=dockerd docker-cli=docker jq=jq vim=vim less=less procps=ps iproute2=ss curl=curl openssl=openssl
RUN /usr/local/lib/breachlab/find-etcdctl
RUN /usr/local/lib/breachlab/finish-host && /usr/local/lib/breachlab/finish-node
