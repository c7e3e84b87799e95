# Runs programs and terminals in a host. A keeper, forked from the supervisor, enters the host's namespaces but not its process
# namespace: the learner cannot see it. It starts the program, which does have a process number in the host.

sub enter_host {
  my ($host) = @_;
  opendir(my $processes, '/proc') or die "/proc: $!\n";
  # A container's network may belong to another user namespace than its own, which is entered last.
  kernel('setns', fileno($host->{$_}) + 0, 0) for qw(pid net ipc uts mnt user);
  chdir $processes or die "chdir: $!\n"; # the lab's process list, which the mount namespace would hide
  kernel('prctl', 4, 0, 0, 0, 0); # a child shares it until it executes the program
}

# Forks and executes; returns the process and the pipe on which a failure to do so is told.
sub launch {
  my ($launch) = @_;
  pipe(my $failure, my $tell) or die "pipe: $!\n";
  my $pid = fork() // die "fork: $!\n";
  if ($pid == 0) {
    my $done = eval {
      kernel('setsid');
      my ($in, $out, $err) = $launch->{terminal} ? ($launch->{terminal}->()) x 3 : @{$launch->{pipes}};
      open(STDIN, '<&', $in) && open(STDOUT, '>&', $out) && open(STDERR, '>&', $err) or die "open: $!\n";
      if ($launch->{container} && (my $user = $launch->{container}{become})) { chown @$user[0, 1], $_ for *STDIN, *STDOUT, *STDERR }
      run_contained(@{$launch}{qw(container cwd env argv)}) if $launch->{container};
      chdir $launch->{cwd} or die "chdir to $launch->{cwd}: $!\n";
      %ENV = @{$launch->{env}};
      $SIG{$_} = 'DEFAULT' for qw(PIPE CHLD);
      umask 022;
      confine(@KEPT_CAPABILITIES);
      syscall($NR{close_range}, 3, 0xffffffff, 4) == 0 or die "close_range: $!\n"; # closed on exec
      $^W = 0; # perl would say itself that it could not
      exec { $launch->{argv}[0] } @{$launch->{argv}};
      die "$launch->{argv}[0]: $!\n";
    };
    write_all($tell, $@);
    exit_now(127);
  }
  close($tell);
  return ($pid, $failure);
}

sub exit_now { syscall($NR{exit_group}, $_[0] + 0) }

sub status_of { $_[0] & 127 ? 128 + ($_[0] & 127) : $_[0] >> 8 }

# Kills a program, what it started, and all of its session. Reads the lab's /proc, in which the keeper stands.
sub kill_tree {
  my ($root) = @_;
  for my $round (1 .. 20) {
    my (%parent, %session);
    opendir(my $list, '.') or return;
    for my $pid (grep { /^\d+$/ } readdir $list) {
      open(my $file, '<', "$pid/stat") or next;
      sysread($file, my $stat, 1024) or next;
      next unless $stat =~ /^\d+ \(.*\) ([^ZX]) (\d+) \d+ (\d+) /s;
      ($parent{$pid}, $session{$pid}) = ($2, $3);
    }
    my %doomed = ($root => 1);
    $doomed{$_} = 1 for grep { $session{$_} == $root } keys %session;
    my $before;
    do {
      $before = keys %doomed;
      $doomed{$_} = 1 for grep { $doomed{$parent{$_}} } keys %parent;
    } while keys %doomed > $before;
    my @alive = grep { exists $parent{$_} } keys %doomed;
    return unless @alive;
    kill 'KILL', @alive;
  }
}

sub put_down {
  kill_tree($_[0]);
  waitpid($_[0], 0);
}

# Takes whole packets (type, 32-bit length, bytes) off the front of a buffer.
sub packets {
  my ($buffer) = @_;
  my @packets;
  while (length $$buffer >= 5) {
    my ($type, $size) = unpack('CN', $$buffer);
    last if length $$buffer < 5 + $size;
    push @packets, [$type, substr($$buffer, 5, $size)];
    substr($$buffer, 0, 5 + $size) = '';
  }
  return @packets;
}

# One program with pipes. From the server: 0 standard input, 1 its end. To the server: 1 output, 2 error output, 3 exit status,
# 4 why it was not started. The server hanging up kills the program.
sub keep_program {
  my ($host, $server, $launch) = @_;
  enter_host($host);
  pipe(my $in, my $input) && pipe(my $output, my $out) && pipe(my $error, my $err) or die "pipe: $!\n";
  my ($pid, $failure) = launch({%$launch, pipes => [$in, $out, $err]});
  close($_) for $in, $out, $err;
  my $ended = pidfd($pid);
  my $complaint = join '', <$failure>;
  if (length $complaint) {
    waitpid($pid, 0);
    write_all($server, pack('CN/a*', 4, $complaint));
    return part($server);
  }
  nonblocking($input);
  my ($arrived, $pending, $last, $status) = ('', '', 0, undef);
  my %from = (fileno($output) => [1, $output], fileno($error) => [2, $error]);
  until (defined $status && !%from) {
    my ($read, $write) = ('', '');
    vec($read, $_, 1) = 1 for keys %from;
    vec($read, fileno $server, 1) = 1 if length $pending < 1 << 16;
    vec($read, fileno $ended, 1) = 1 unless defined $status;
    vec($write, fileno $input, 1) = 1 if $input && length $pending;
    # A daemon that the program left behind may hold the pipes for ever: give what it wrote 50 ms, then leave it alone.
    my $ready = select($read, $write, undef, defined $status ? 0.05 : undef);
    next if $ready < 0;
    last if $ready == 0;
    for my $fd (grep { vec($read, $_, 1) } keys %from) {
      my ($type, $pipe) = @{$from{$fd}};
      my $got = sysread($pipe, my $bytes, 1 << 16);
      if (!$got) { delete $from{$fd}; next }
      write_all($server, pack('CN/a*', $type, $bytes)) or return put_down($pid);
    }
    if (vec($read, fileno $server, 1)) {
      sysread($server, $arrived, 1 << 16, length $arrived) or return put_down($pid);
      for (packets(\$arrived)) {
        if ($_->[0] == 0) { $pending .= $_->[1] } else { $last = 1 }
      }
    }
    if (!defined $status && vec($read, fileno $ended, 1)) {
      waitpid($pid, 0);
      $status = status_of($?);
    }
    if ($input && length $pending) {
      my $written = syswrite($input, $pending);
      if (defined $written) { substr($pending, 0, $written) = '' }
      elsif ($! != 11) { close($input); undef $input }
    }
    if ($input && $last && !length $pending) { close($input); undef $input }
    $pending = '' unless $input;
  }
  write_all($server, pack('CN/a*', 3, pack('N', $status)));
  part($server);
}

# Ends a connection and waits until the other side has hung up too. A busy server may not have begun to read or to write yet, and
# whoever writes to a closed connection loses what it has not read. Waits for so many seconds at most, or for as long as it takes.
sub part {
  my ($connection, $seconds) = @_;
  shutdown($connection, 1);
  my ($ready, $got);
  do {
    my $read = '';
    vec($read, fileno $connection, 1) = 1;
    $ready = select($read, undef, undef, $seconds);
    $got = sysread($connection, my $rest, 1 << 16) if $ready > 0;
  } while $ready < 0 || ($ready > 0 && $got);
}

# One terminal. From the server: 0 keys, 3 rows and columns, 4 end it. To the server: what the terminal shows, as it is. The newest
# connection has the terminal; without one the last 64 KB are kept for the next. Exits with the shell's status.
sub keep_terminal {
  my ($host, $listener, $launch, $rows, $columns) = @_;
  enter_host($host);
  my ($terminal, $slave) = open_terminal();
  resize($terminal, $rows, $columns);
  my ($pid, $failure) = launch({%$launch, terminal => sub { sysopen(my $tty, $slave, 2) or die "$slave: $!\n"; $tty }});
  my $ended = pidfd($pid);
  my $complaint = $launch->{container} ? join '', <$failure> : '';
  my $client = pump_terminal($terminal, $listener, $ended, sub { kill_tree($pid) }, length $complaint ? "OCI runtime exec failed: exec failed: unable to start container process: $complaint\r" : '');
  put_down($pid);
  my $status = length $complaint ? 126 : status_of($?);
  part($client, 1) if $client; # not for ever: that the shell has ended is told when this process is gone
  exit_now($status);
}

# A new terminal of the mount namespace that the caller is in, and the path of its other side.
sub open_terminal {
  sysopen(my $terminal, '/dev/ptmx', 2 | 0400) or die "ptmx: $!\n";
  my ($unlocked, $number) = (pack('l', 0), pack('l', 0));
  ioctl($terminal, 0x40045431, $unlocked) or die "unlock: $!\n";
  ioctl($terminal, 0x80045430, $number) or die "terminal number: $!\n";
  return ($terminal, '/dev/pts/' . unpack('l', $number));
}

# Carries a terminal's keys and its output until its program has ended and all was shown. Returns the connection that has it.
sub pump_terminal {
  my ($terminal, $listener, $ended, $end, $shown) = @_;
  nonblocking($terminal);
  my ($client, $arrived, $keys, $open) = (undef, '', '', 1);
  $shown //= '';
  while ($open || ($client && length $shown)) {
    my ($read, $write) = ('', '');
    vec($read, fileno $listener, 1) = 1;
    vec($read, fileno $terminal, 1) = 1 if $open && (!$client || length $shown < 1 << 16);
    vec($read, fileno $client, 1) = 1 if $client && length $keys < 1 << 16;
    vec($write, fileno $client, 1) = 1 if $client && length $shown;
    vec($write, fileno $terminal, 1) = 1 if length $keys;
    vec($read, fileno $ended, 1) = 1 if $open;
    next if select($read, $write, undef, undef) < 0;
    if ($open && vec($read, fileno $terminal, 1)) {
      my $got = sysread($terminal, $shown, 1 << 16, length $shown);
      $open = 0 if defined $got ? !$got : $! != 11 && $! != 4;
    } elsif ($open && vec($read, fileno $ended, 1)) {
      $open = 0; # and nothing was left to read
    }
    if ($client && vec($read, fileno $client, 1)) {
      if (sysread($client, $arrived, 1 << 16, length $arrived)) {
        for (packets(\$arrived)) {
          if ($_->[0] == 0) { $keys .= $_->[1] }
          elsif ($_->[0] == 3) { resize($terminal, unpack('nn', $_->[1])) }
          else { $end->() }
        }
      } else { ($client, $arrived) = (undef, '') }
    }
    if (length $keys) {
      my $written = syswrite($terminal, $keys);
      if ($written) { substr($keys, 0, $written) = '' }
      elsif (!$open) { $keys = '' }
    }
    if ($client && length $shown) {
      my $written = syswrite($client, $shown);
      if ($written) { substr($shown, 0, $written) = '' }
      elsif ($! != 11) { ($client, $arrived) = (undef, '') }
    }
    $shown = substr($shown, -65536) if !$client && length $shown > 65536;
    if (vec($read, fileno $listener, 1) && accept(my $next, $listener)) {
      nonblocking($next);
      ($client, $arrived, $keys) = ($next, '', '');
    }
  }
  return $client;
}

sub resize {
  my $size = pack('S4', $_[1], $_[2], 0, 0);
  ioctl($_[0], 0x5414, $size);
}
