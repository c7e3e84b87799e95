# What a process does on its way to be a container's: its root, its streams, its rights, its program.
our (%hosts, %NR, %LIMIT, $FILTER, $SANDBOXED);

# `line`: where it hands its namespaces over, and is told the terminal that it asks for; `shim`: where its shim waits for its files.
sub become_container {
  my ($line, $shim, $container, $launch) = @_;
  my %namespace;
  send_with($line, 'ended', pidfd($$));
  for my $kind (qw(user mnt pid)) {
    open($namespace{$kind}, '<', "/proc/self/ns/$kind") or die "namespace $kind: $!\n";
    send_with($line, $kind, $namespace{$kind});
  }
  build_container_root($launch);
  eval { send_with($shim, 'mnt', $namespace{mnt}) }; # unless it has none
  my ($in, $out, $err) = @{$launch->{pipes}};
  kernel('setsid');
  if ($launch->{with} eq 'terminal') {
    syswrite($line, 'terminal');
    sysread($line, my $slave, 100) or die "the supervisor ended\n";
    sysopen(my $tty, $slave, 2) or die "$slave: $!\n"; # the session has no terminal yet: this becomes it
    ($in, $out, $err) = ($tty) x 3;
  }
  open(STDIN, '<&', $in) && open(STDOUT, '>&', $out) && open(STDERR, '>&', $err) or die "open: $!\n";
  chown $launch->{uid}, $launch->{gid}, $_ for $container->{become} ? (*STDIN, *STDOUT, *STDERR) : ();
  hold_place($container, $launch) if $launch->{with} eq 'placeholder';
  run_contained($container, $launch->{cwd}, $launch->{env}, $launch->{argv});
}

# Process 1 of a container whose image's own program is modelled: shows that program's path, words and environment, reaps, and ends when it
# is asked to.
sub hold_place {
  my ($container, $launch) = @_;
  my ($no_new_privileges, @capabilities) = @{$container->{rights}};
  %ENV = @{$launch->{env}};
  my ($name, @words) = @{$launch->{argv}};
  my $told = program_file($name) // "/$name";
  my $is_plain = $told =~ m{^(?:/[\w.+-]+)+$}a && $told !~ m{/\.\.?(?:/|$)};
  $told = '/program' unless $is_plain && eval { hide_program('placeholder', $told); 1 };
  chdir $launch->{cwd};
  $SIG{CHLD} = 'IGNORE'; # the kernel reaps
  $SIG{PIPE} = 'DEFAULT';
  block_signals();
  syscall($NR{close_range}, 3, 0xffffffff, 4) == 0 or die "close_range: $!\n"; # closed on exec
  confine_to($no_new_privileges, $container->{become}, [], @capabilities);
  execute_hidden('placeholder', $told, @words);
}

# The last steps of a program in a container. Words of a failure as runc's.
sub run_contained {
  my ($container, $cwd, $env, $argv) = @_;
  %ENV = @$env;
  $SIG{$_} = 'DEFAULT' for qw(PIPE CHLD);
  umask 022;
  my ($no_new_privileges, @capabilities) = @{$container->{rights}};
  chdir $cwd or die "chdir to cwd (\"$cwd\") set in config.json failed: \l$!\n";
  syscall($NR{close_range}, 3, 0xffffffff, 4) == 0 or die "close_range: $!\n"; # closed on exec
  my $observed = report_calls($container->{name}, '', $cwd, program_file($argv->[0]), @$argv);
  local $FILTER = $SANDBOXED if $observed && sandbox_of($container->{name}) ne '';
  confine_to($no_new_privileges, $container->{become}, $container->{filters}, @capabilities);
  # As late as can be, for Perl itself may be over it. A profile that refuses prlimit64 keeps its container from its own limit, too.
  eval { set_limit(2, $container->{memory}) } if $container->{memory} && $container->{memory} < $LIMIT{2};
  eval { set_limit(6, POD_THREADS) } unless $container->{among_nodes};
  my $program = $argv->[0];
  $^W = 0;
  my $found = program_file($program) // die "exec: \"$program\": executable file not found in \$PATH\n";
  # Last of all, so that they need to let through no more than the program itself asks for.
  if ($no_new_privileges) { put_on($_) for @{$container->{filters}} }
  exec { $found } @$argv;
  die $program =~ m{/} ? "exec: \"$program\": " . ($! == 2 ? "stat $program: no such file or directory" : "\l$!") : "exec $found: \l$!", "\n";
}

# As execvp, but told by runc: what has a slash is a path, else the container's PATH is searched.
sub program_file {
  my ($program) = @_;
  return $program if $program =~ m{/};
  return (grep { -f $_ && -x _ } map { "$_/$program" } split /:/, $ENV{PATH} // '')[0];
}
