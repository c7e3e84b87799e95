#!/usr/bin/perl
# Every modelled command of a lab: hands the call to the lab and shows what comes back.
# Packets (type, 32-bit length, bytes). To the lab: 0 the call, 1 standard input, 2 its end.
# From the lab: 1 output, 2 error output, 3 exit status, 4 "more standard input, please".
use strict;
@INC = ();
my ($name) = $0 =~ m{([^/]+)$};
my $lab;
socket($lab, 1, 1, 0) && connect($lab, pack('S a*', 1, "/usr/local/lib/breachlab/socket\0"))
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

my ($columns, $size) = ('', pack('S4', 0, 0, 0, 0));
$columns = (unpack('S4', $size))[1] || 80 if -t STDOUT && ioctl(STDOUT, 0x5413, $size);
my $wanted = qr/^(TERM|EDITOR|KUBECONFIG|DOCKER_HOST|(DOCKER|ETCDCTL|COSIGN|TRIVY|LC)_.*)$/;
my @env = map { ($_, $ENV{$_}) } grep { /$wanted/ } keys %ENV;
my $cwd = readlink('/proc/self/cwd') // '/';
give($lab, pack('CN/a*', 0, pack('(N/a*)*', $name, $cwd, $columns, scalar @ARGV, @ARGV, @env)));

my ($arrived, $asked) = ('', 0);
while (1) {
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
    else { $asked = 1 }
  }
}
