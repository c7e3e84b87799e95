# The line to the server: descriptor 4 carries frames both ways, descriptor 3 hands sockets over.
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
  my $got = sysread($CHANNEL, $received, 1 << 18, length $received);
  return unless $got;
  my @frames;
  while (length $received >= 4) {
    my $size = unpack('N', $received);
    last if length $received < 4 + $size;
    push @frames, [unpack('(N/a)*', substr($received, 4, $size))];
    substr($received, 0, 4 + $size) = '';
  }
  return \@frames;
}

# Hands a socket to the server as Node's own channel does it between Node processes: one line of JSON and the descriptor.
# https://github.com/nodejs/node/blob/v24.x/lib/internal/child_process.js (handleConversion, NODE_HANDLE)
sub hand_over {
  my ($id, $type, $socket) = @_; # the id: digits or the name of a host
  my $extra = $type eq 'dgram.Socket' ? '"dgramType":"udp4",' : '';
  my $line = "{\"cmd\":\"NODE_HANDLE\",\"type\":\"$type\",$extra\"msg\":{\"id\":\"$id\"}}\n";
  my $vector = pack('P Q', $line, length $line);
  my $rights = pack('Q l l l x4', 20, 1, 1, fileno $socket);
  my $message = pack('Q L x4 P Q P Q l x4', 0, 0, $vector, 1, $rights, length $rights, 0);
  kernel('sendmsg', fileno($HANDLES) + 0, $message, 0) == length $line or die "a socket was handed over in part\n";
}
