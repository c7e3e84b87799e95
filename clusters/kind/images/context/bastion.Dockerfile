# The way in for administrators who travel: SSH and little else.
ARG NODE_IMAGE
FROM ${NODE_IMAGE}
ARG APT_MIRROR
COPY programs/ /usr/local/lib/breachlab/
RUN /usr/local/lib/breachlab/install-tools openssh-server=sshd openssh-client=ssh sudo=sudo curl=curl vim=vim less=less procps=ps \
    iproute2=ss iputils-ping=ping netcat-openbsd=nc && rm -rf /var/lib/containerd /var/lib/kubelet /kind
RUN /usr/local/lib/breachlab/finish-host
ENTRYPOINT []
CMD ["/usr/local/lib/breachlab/run-host", "ssh"]
STOPSIGNAL SIGTERM
