#!/usr/bin/perl
# Every modelled command of a lab: hands the call to the lab and shows what comes back.
# Packets (type, 32-bit length, bytes). To the lab: 0 the call, 1 standard input, 2 its end, 3 rows and columns of the terminal.
# From the lab: 1 output, 2 error output, 3 exit status, 4 "more standard input, please", 5 "keys as they are typed, please".
use strict;
@INC = ();
my ($name) = $0 =~ m{([^/]+)$};
my ($lab, $folder) = (undef, '/usr/local/lib/breachlab');
my $door = $> != 0 && -S "$folder/visitors" ? 'visitors' : 'socket';
socket($lab, 1, 1, 0) && connect($lab, pack('S a*', 1, "$folder/$door\0"))
  or do { print STDERR "$name: the lab does not answer: $!\n"; exit 1 };

sub give {
  my ($handle, $bytes) = @_;
  for (my $at = 0; $at < length $bytes;) {
    my $written = syswrite($handle, $bytes, length($bytes) - $at, $at);
    next if !defined $written && $! == 4;
    exit 1 unless defined $written;
    $at += $written;
  }
}

sub size_of_terminal {
  my $size = pack('S4', 0, 0, 0, 0);
  ioctl(STDOUT, 0x5413, $size) or return;
  my ($rows, $columns) = unpack('S4', $size);
  return ($rows || 24, $columns || 80);
}

my ($rows, $columns) = -t STDOUT ? size_of_terminal() : ();
$rows = '' unless -t STDIN; # the lab may have the keys of a terminal that is both
my $wanted = qr/^(TERM|EDITOR|KUBECONFIG|DOCKER_HOST|REDISCLI_AUTH|PG[A-Z]+|(DOCKER|ETCDCTL|COSIGN|TRIVY|LC)_.*)$/;
my @env = map { ($_, $ENV{$_}) } grep { /$wanted/ } keys %ENV;
my $cwd = readlink('/proc/self/cwd') // '/';
give($lab, pack('CN/a*', 0, pack('(N/a*)*', $name, $cwd, $columns // '', $rows // '', scalar @ARGV, @ARGV, @env)));

# As cfmakeraw(3): no key means anything to the terminal itself. It is given back as it was, however this ends.
my ($before, $resized);
sub take_keys {
  return if defined $before;
  my $settings = "\0" x 60;
  ioctl(STDIN, 0x5401, $settings) or return;
  $before = $settings;
  my ($input, $output, $control, $local) = unpack('L4', $settings);
  substr($settings, 0, 16) = pack('L4', $input & ~02753, $output & ~1, $control & ~0460 | 060, $local & ~0100113);
  ioctl(STDIN, 0x5402, $settings);
  $SIG{WINCH} = sub { $resized = 1 };
}
END { ioctl(STDIN, 0x5402, $before) if defined $before }
$SIG{$_} = sub { exit 1 } for qw(TERM HUP);

my ($arrived, $asked) = ('', 0);
while (1) {
  if ($resized) { $resized = 0; give($lab, pack('CN/a*', 3, pack('n2', size_of_terminal()))) }
  my $read = '';
  vec($read, fileno $lab, 1) = 1;
  vec($read, 0, 1) = 1 if $asked;
  next if select($read, undef, undef, undef) < 0;
  if ($asked && vec($read, 0, 1)) {
    my $got = sysread(STDIN, my $bytes, 1 << 15);
    $asked = 0;
    give($lab, $got ? pack('CN/a*', 1, $bytes) : pack('CN', 2, 0));
  }
  next unless vec($read, fileno $lab, 1);
  sysread($lab, $arrived, 1 << 16, length $arrived) or do { print STDERR "$name: the lab went away\n"; exit 1 };
  while (length $arrived >= 5) {
    my ($type, $length) = unpack('CN', $arrived);
    last if length $arrived < 5 + $length;
    my $bytes = substr($arrived, 5, $length);
    substr($arrived, 0, 5 + $length) = '';
    if ($type == 1) { give(\*STDOUT, $bytes) }
    elsif ($type == 2) { give(\*STDERR, $bytes) }
    elsif ($type == 3) { exit unpack('N', $bytes) }
    elsif ($type == 5) { take_keys() }
    else { $asked = 1 }
  }
}
