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
      if (my $user = $launch->{container} ? $launch->{container}{become} : $launch->{user}) { chown @$user[0, 1], $_ for *STDIN, *STDOUT, *STDERR }
      run_contained(@{$launch}{qw(container cwd env argv)}) if $launch->{container};
      chdir $launch->{cwd} or die "chdir to $launch->{cwd}: $!\n";
      %ENV = @{$launch->{env}};
      $SIG{$_} = 'DEFAULT' for qw(PIPE CHLD);
      umask 022;
      my $program = $launch->{argv}[0];
      if (length $launch->{login}) {
        $program = program_file($program) // $program;
        report_calls($launch->{host}, $launch->{login}, $launch->{cwd}, $program, @{$launch->{argv}});
      }
      confine_to(1, $launch->{user}, [], @KEPT_CAPABILITIES);
      syscall($NR{close_range}, 3, 0xffffffff, 4) == 0 or die "close_range: $!\n"; # closed on exec
      $^W = 0; # perl would say itself that it could not
      exec { $program } @{$launch->{argv}};
      die "$launch->{argv}[0]: $!\n";
    };
    write_all($tell, $@);
    exit_now(127);
  }
  close($tell);
  return ($pid, $failure);
}

sub exit_now { syscall($NR{exit_group}, $_[0] + 0) }

# One program with pipes, of which the server hears in packets (keeper.pl).
sub keep_program {
  my ($host, $server, $launch) = @_;
  enter_host($host);
  pipe(my $in, my $input) && pipe(my $output, my $out) && pipe(my $error, my $err) or die "pipe: $!\n";
  my ($pid, $failure) = launch({%$launch, host => $host->{name}, pipes => [$in, $out, $err]});
  close($_) for $in, $out, $err;
  my $ended = pidfd($pid);
  my $complaint = join '', <$failure>;
  if (length $complaint) {
    waitpid($pid, 0);
    tell_packet($server, 4, $complaint);
  } else {
    pump_program($server, $server, {pid => $pid, ended => $ended, input => $input, output => $output, error => $error}) or return;
  }
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

# One terminal (pump_terminal in keeper.pl). Exits with the shell's status.
sub keep_terminal {
  my ($host, $listener, $launch, $rows, $columns) = @_;
  enter_host($host);
  my ($terminal, $slave) = open_terminal();
  resize($terminal, $rows, $columns);
  my ($pid, $failure) = launch({%$launch, host => $host->{name}, terminal => sub { sysopen(my $tty, $slave, 2) or die "$slave: $!\n"; $tty }});
  my $ended = pidfd($pid);
  my $complaint = $launch->{container} ? join '', <$failure> : '';
  my $client = pump_terminal($terminal, $listener, $ended, sub { kill_tree($pid) }, length $complaint ? "OCI runtime exec failed: exec failed: unable to start container process: $complaint\r" : '');
  put_down($pid);
  my $status = length $complaint ? 126 : status_of($?);
  part($client, 1) if $client; # not for ever: that the shell has ended is told when this process is gone
  exit_now($status);
}
