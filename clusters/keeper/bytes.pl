# Reads and writes whole, whatever interrupts.

sub write_all {
  my ($handle, $bytes) = @_;
  my $at = 0;
  while ($at < length $bytes) {
    my $written = syswrite($handle, $bytes, length($bytes) - $at, $at);
    next if !defined $written && $! == 4;
    return 0 unless defined $written;
    $at += $written;
  }
  return 1;
}

sub read_exactly {
  my ($handle, $size) = @_;
  my $bytes = '';
  while (length $bytes < $size) {
    my $got = sysread($handle, $bytes, $size - length $bytes, length $bytes);
    next if !defined $got && $! == 4;
    return undef unless $got;
  }
  return $bytes;
}

# Sets O_RDWR | O_NONBLOCK.
sub nonblocking { fcntl($_[0], 4, 2 | 2048) or die "fcntl: $!\n" }
