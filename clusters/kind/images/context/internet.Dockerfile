# Where the attacker sits.
ARG NODE_IMAGE
FROM ${NODE_IMAGE}
ARG APT_MIRROR
COPY programs/ /usr/local/lib/breachlab/
RUN /usr/local/lib/breachlab/install-tools curl=curl nmap=nmap openssh-client=ssh openssl=openssl jq=jq vim=vim less=less procps=ps \
    iproute2=ss iputils-ping=ping netcat-openbsd=nc docker-cli=docker && \
    rm -rf /var/lib/containerd /var/lib/kubelet /kind
RUN /usr/local/lib/breachlab/finish-host
ENTRYPOINT []
CMD ["/usr/local/lib/breachlab/run-host"]
STOPSIGNAL SIGTERM
