# What Docker runs in a container for the server: one program a call, with what keeper.pl and file.pl keep and one of the files beside
# this one. Standard input and output are the line to the server. Needs what perl-base has.
use strict;
use Config ();
$SIG{PIPE} = 'IGNORE';
$0 = 'breachlab';
chdir '/proc' or die "/proc: $!\n";
umask 022;

# A session of its own. POSIX, which has a function for it, takes longer to load than all of this.
sub new_session { syscall($Config::Config{archname} =~ /^x86_64/ ? 112 : $Config::Config{archname} =~ /^(?:aarch64|riscv64)/ ? 157 : 66) }

# Readable once the process has ended. The call has the same number on every architecture (since Linux 5.3).
sub pidfd {
  my $fd = syscall(434, $_[0] + 0, 0);
  $fd >= 0 && open(my $handle, '<&=', $fd) or die "pidfd_open: $!\n";
  return $handle;
}

# What the server asks for: a 32-bit length and then fields, each a 32-bit length and its bytes. It is answered that this runs.
sub asked {
  write_all(\*STDOUT, "breachlab\n") or exit 1;
  my $size = read_exactly(\*STDIN, 4) // exit 1;
  return unpack('(N/a)*', read_exactly(\*STDIN, unpack('N', $size)) // exit 1);
}

# Forks and executes with those three as its input and output; returns the process and the pipe on which a failure to do so is told.
# With a terminal's path that is all three, and its own.
sub launch {
  my ($cwd, $env, $argv, $terminal, @pipes) = @_;
  pipe(my $failure, my $tell) or die "pipe: $!\n";
  my $pid = fork() // die "fork: $!\n";
  if ($pid == 0) {
    eval {
      new_session();
      if (defined $terminal) {
        sysopen(my $tty, $terminal, 2) or die "$terminal: $!\n";
        @pipes = ($tty) x 3;
      }
      open(STDIN, '<&', $pipes[0]) && open(STDOUT, '>&', $pipes[1]) && open(STDERR, '>&', $pipes[2]) or die "open: $!\n";
      chdir $cwd or die "chdir to $cwd: $!\n";
      %ENV = @$env;
      $SIG{PIPE} = 'DEFAULT';
      exec { $argv->[0] } @$argv;
      die "$argv->[0]: $!\n";
    };
    write_all($tell, $@);
    exit 127;
  }
  close($tell);
  return ($pid, $failure);
}

# Carries bytes between the server and a socket, without either way holding up the other. To the server they go as packets 1, and after
# its end those that `last` returns. `framed`: from the server come packets too, 0 bytes and 1 their end, and both ways end apart.
# The server hanging up ends all.
sub relay {
  my ($socket, $framed, $last) = @_;
  nonblocking($_) for \*STDOUT, $socket;
  my ($arrived, $in, $out, $reading, $ending, $shut) = ('', '', '', 1, 0, !$framed);
  while ($reading || length $out || !$shut) {
    my ($read, $write) = ('', '');
    vec($read, 0, 1) = 1 if length $in < 1 << 16;
    vec($read, fileno $socket, 1) = 1 if $reading && length $out < 1 << 16;
    vec($write, 1, 1) = 1 if length $out;
    vec($write, fileno $socket, 1) = 1 if length $in;
    next if select($read, $write, undef, undef) < 0;
    if (vec($read, 0, 1)) {
      if ($framed) {
        sysread(STDIN, $arrived, 1 << 16, length $arrived) or exit;
        for (packets(\$arrived)) {
          if ($_->[0] == 0) { $in .= $_->[1] } else { $ending = 1 }
        }
      } else {
        sysread(STDIN, $in, 1 << 16, length $in) or exit;
      }
    }
    if ($reading && vec($read, fileno $socket, 1)) {
      my $got = sysread($socket, my $bytes, 1 << 16);
      if ($got) { $out .= pack('CN/a*', 1, $bytes) }
      elsif (defined $got || $! != 11) { $reading = 0; $out .= $last->(defined $got ? 0 : $! + 0) }
    }
    if (length $in) {
      my $written = syswrite($socket, $in);
      if (defined $written) { substr($in, 0, $written) = '' }
      elsif ($! != 11) { ($in, $shut) = ('', 1) }
    }
    if ($ending && !$shut && !length $in) { shutdown($socket, 1); $shut = 1 }
    if (length $out) {
      my $written = syswrite(STDOUT, $out);
      if (defined $written) { substr($out, 0, $written) = '' }
      elsif ($! != 11) { exit }
    }
    $in = '' if !$framed && !$reading; # there is nobody to take it
  }
}
