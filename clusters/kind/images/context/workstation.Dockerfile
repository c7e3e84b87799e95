# Where the learner works: kubectl and etcdctl are the node image's own, so they fit the cluster.
ARG NODE_IMAGE
FROM ${NODE_IMAGE}
ARG APT_MIRROR
COPY programs/ /usr/local/lib/breachlab/
RUN /usr/local/lib/breachlab/install-tools bash-completion=/usr/share/bash-completion/bash_completion vim=vim tmux=tmux less=less \
    jq=jq openssl=openssl curl=curl nmap=nmap openssh-client=ssh iproute2=ss iputils-ping=ping bind9-dnsutils=dig netcat-openbsd=nc \
    procps=ps
RUN /usr/local/lib/breachlab/find-etcdctl && /usr/local/lib/breachlab/install-tools etcd-client=etcdctl && \
    rm -rf /var/lib/containerd /var/lib/kubelet /kind
COPY clients/ /usr/local/bin/
RUN /usr/local/lib/breachlab/finish-host
ENTRYPOINT []
CMD ["/usr/local/lib/breachlab/run-host"]
STOPSIGNAL SIGTERM
