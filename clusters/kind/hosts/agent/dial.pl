# Connects from the container's network. Fields: name or address, port. To the server: packet 2, error number (0: open; -1: the name is
# nobody's), a space and words; then 1 what comes, 3 its end, 4 that the connection was reset. From it: 0 bytes, 1 their end.
use Socket ();
my ($to, $port) = asked();
my ($unknown, @found) = Socket::getaddrinfo($to, $port, {socktype => Socket::SOCK_STREAM()});
my ($socket, $outcome) = (undef, "-1 $to: $unknown");
for my $place (@found) {
  my $error = connection_to($place) // last;
  $outcome = do { local $! = $error; "$error $!" };
}
tell_packet(\*STDOUT, 2, $socket ? '0 ' : $outcome);
relay($socket, 1, sub { pack('CN/a*', $_[0] ? 4 : 3, '') }) if $socket;

# Undefined once `$socket` is connected, else the number of the error.
sub connection_to {
  my ($place) = @_;
  socket(my $next, $place->{family}, $place->{socktype}, $place->{protocol}) or return $! + 0;
  nonblocking($next);
  if (!connect($next, $place->{addr})) {
    return $! + 0 unless $! == 115;
    my ($read, $write) = ('', '');
    do {
      ($read, $write) = ('', '');
      vec($read, 0, 1) = 1;
      vec($write, fileno $next, 1) = 1;
    } while select($read, $write, undef, undef) < 0;
    exit if vec($read, 0, 1); # the server says nothing yet: it hung up
    my $error = unpack('l', getsockopt($next, 1, 4));
    return $error if $error;
  }
  $socket = $next;
  return;
}
