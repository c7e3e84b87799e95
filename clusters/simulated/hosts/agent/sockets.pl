# Sockets that live in a host and are served by the server: made in the host's namespace, then handed over.

sub ipv4_address { pack('S n C4 x8', 2, $_[1], split /\./, $_[0]) }

sub listen_tcp {
  my ($host, $address, $port) = @_;
  my ($listener) = within($host, 'net', sub {
    socket(my $socket, 2, 1, 0) or die [$! + 0, "socket: $!"];
    setsockopt($socket, 1, 2, 1);
    bind($socket, ipv4_address($address, $port)) or die [$! + 0, "bind: $!"];
    listen($socket, 511) or die [$! + 0, "listen: $!"];
    return $socket;
  });
  return $listener;
}

sub bind_udp {
  my ($host, $address, $port) = @_;
  my ($bound) = within($host, 'net', sub {
    socket(my $socket, 2, 2, 0) or die [$! + 0, "socket: $!"];
    bind($socket, ipv4_address($address, $port)) or die [$! + 0, "bind: $!"];
    return $socket;
  });
  return $bound;
}

sub unix_listener {
  my ($path, $mode) = @_;
  die [36, "$path: too long for a socket"] if length $path > 107;
  socket(my $socket, 1, 1, 0) or die [$! + 0, "socket: $!"];
  unlink $path if -S $path;
  my $mask = umask 0777;
  my $bound = bind($socket, pack('S a*', 1, "$path\0"));
  my $reason = $! + 0;
  umask $mask;
  $bound or die [$reason, "bind"];
  chmod $mode, $path;
  listen($socket, 511) or die [$! + 0, "listen: $!"];
  return $socket;
}

sub listen_unix {
  my ($host, $path, $mode, $group) = @_;
  # A socket's network is that of its maker, which is where `ss` looks for it.
  my ($listener) = within($host, 'net', sub {
    return within($host, 'mnt', sub {
      make_parents($path);
      my $socket = unix_listener($path, $mode);
      chown 0, $group, $path if $group;
      return $socket;
    });
  });
  return $listener;
}

# Starts a connection; the main loop waits for its outcome. Returns the socket and, when it is decided already, the error number. With an
# address of the router's own it starts there, by that address.
sub begin_dial {
  my ($host, $address, $port, $own) = @_;
  my $begin = sub {
    socket(my $socket, 2, 1, 0) or die [$! + 0, "socket: $!"];
    nonblocking($socket);
    !defined $own or bind($socket, ipv4_address($own, 0)) or die [$! + 0, "bind: $!"];
    return ($socket, 0) if connect($socket, ipv4_address($address, $port));
    return ($socket, $! == 115 ? undef : $! + 0);
  };
  return defined $own ? $begin->() : within($host, 'net', $begin);
}
