# The line to the server, of a lab or of the labs' parent: $CHANNEL carries frames both ways, $HANDLES hands sockets over.
# A frame is a 32-bit length and then fields, each a 32-bit length and its bytes.
our ($HANDLES, $CHANNEL);
my $received = '';

sub open_channel {
  open($HANDLES, '+<&=', 3) or die "descriptor 3: $!\n";
  open($CHANNEL, '+<&=', 4) or die "descriptor 4: $!\n";
}

sub send_frame { write_all($CHANNEL, pack('N/a*', pack('(N/a*)*', @_))) or exit 0 }

# Waits for the next frame; undef when the server is gone.
sub next_frame {
  my $size = read_exactly($CHANNEL, 4) // return;
  my $frame = read_exactly($CHANNEL, unpack('N', $size)) // return;
  return [unpack('(N/a)*', $frame)];
}

# The frames that have arrived; undef when the server is gone.
sub arrived_frames {
  my $got = sysread($CHANNEL, $received, 1 << 18, length($received // ''));
  return unless $got;
  my @frames;
  while (length $received >= 4) {
    my $size = unpack('N', $received);
    last if length $received < 4 + $size;
    push @frames, [unpack('(N/a)*', substr($received, 4, $size))];
    substr($received, 0, 4 + $size) = '';
  }
  undef $received unless length $received; # gives its memory back, as a shorter text would not
  return \@frames;
}

# Hands a lab's socket to the server, by way of the labs' parent (nursery.pl). The id: digits or the name of a host.
sub hand_over {
  my ($id, $type, $socket) = @_;
  send_with($HANDLES, "$id $type", $socket);
}

# As Node's own channel does it between Node processes: one line of JSON and the descriptor.
# https://github.com/nodejs/node/blob/v24.x/lib/internal/child_process.js (handleConversion, NODE_HANDLE)
# Node takes it as it is, and one that may block would hold up the server, with every lab, until somebody reads what it writes.
sub give_to_node {
  my ($id, $type, $socket) = @_;
  nonblocking($socket);
  my $extra = $type eq 'dgram.Socket' ? '"dgramType":"udp4",' : '';
  send_with($HANDLES, "{\"cmd\":\"NODE_HANDLE\",\"type\":\"$type\",$extra\"msg\":{\"id\":\"$id\"}}\n", $socket);
}

sub send_with {
  my ($to, $bytes, $handle) = @_;
  my $vector = pack('P Q', $bytes, length $bytes);
  my $rights = pack('Q l l l x4', 20, 1, 1, fileno $handle);
  my $message = pack('Q L x4 P Q P Q l x4', 0, 0, $vector, 1, $rights, length $rights, 0);
  kernel('sendmsg', fileno($to) + 0, $message, 0) == length $bytes or die "a socket was handed over in part\n";
}

# A message and the socket that came with it; nothing once the other end is gone.
sub receive_with {
  my ($from) = @_;
  my ($bytes, $rights) = ('', '');
  $_ .= "\0" x 128 for $bytes, $rights; # memory of their own, which the kernel writes to
  my $vector = pack('P Q', $bytes, length $bytes);
  my $message = pack('Q L x4 P Q P Q l x4', 0, 0, $vector, 1, $rights, length $rights, 0);
  my $got = syscall($NR{recvmsg}, fileno($from) + 0, $message, 0);
  return unless $got > 0;
  my ($size, undef, undef, $fd) = unpack('Q l l l', $rights);
  return (substr($bytes, 0, $got)) if $size < 20;
  open(my $socket, '+<&=', $fd) or die "descriptor $fd: $!\n";
  return (substr($bytes, 0, $got), $socket);
}
