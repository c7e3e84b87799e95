# What the pods of the scenarios run where no registry can be reached: Debian's own nginx, PostgreSQL and BusyBox. One image of them all,
# since nodes take layers once; each stand-in differs by what it starts.
ARG NODE_IMAGE
FROM ${NODE_IMAGE} AS build
ARG APT_MIRROR
COPY programs/ /usr/local/lib/breachlab/
COPY pods/ /usr/local/lib/breachlab/pods/
RUN /usr/local/lib/breachlab/install-tools nginx=nginx postgresql=/usr/lib/postgresql busybox-static=busybox openssl=openssl
RUN /usr/local/lib/breachlab/pods/finish-pod

FROM scratch
COPY --from=build / /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
