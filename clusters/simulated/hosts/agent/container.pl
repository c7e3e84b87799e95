# Containers: a root file system and a process namespace in a pod. Where the lab has but one user (an ordinary user's), a container that
# does not run as root has a user namespace of its own, in which that one has its number, and no further groups.
# A container is kept among the hosts, so that whatever can be done in a host can be done in it.
our (%hosts, %children, %shells, $shells_begun, %NR, %LIMIT, $CHANNEL, $HANDLES, $FILTER, $SANDBOXED);

sub words { unpack('(N/a)*', $_[0]) }

# Starts a container's process in its pod, and in the process namespace of its node or of another container (`join`) if it is to
# share one. Returns once the program runs; dies with the reason when it cannot.
sub start_container {
  my ($name, $podname, $user, $rights, $read_only, $cwd, $with, $join, $memory, $filters, $mounts, $files, $env, $argv) = @_;
  my $pod = $hosts{$podname} or die "pod $podname is gone\n";
  make_image();
  my ($uid, $gid, @groups) = split / /, $user;
  my $own_user = $uid != 0 && !($pod->{has_users} && $uid < 65536 && $gid < 65536);
  my $shared = $pod->{shares_processes} ? $pod->{node} : length $join ? ($hosts{$join} // die "container $join is gone\n") : undef;
  die "not simulated: users other than root among processes that are shared\n" if $own_user && $shared;
  my %container = (name => $name, rights => [words($rights)], net => $pod->{net}, ipc => $pod->{ipc}, uts => $pod->{uts});
  $container{become} = [$uid, $gid, grep { $_ < 65536 } @groups] if $pod->{has_users} && !$own_user;
  $container{memory} = $memory + 0; # bytes that each of its programs may fill; 0 for no limit of its own
  $container{filters} = [words($filters)]; # of system calls, over the lab's own
  my @mounts = words($mounts);
  my @held = hold_node_paths(\@mounts);
  my ($in, $input, $output, $out, $error, $err);
  if ($with eq 'placeholder') { open($in, '+<', '/dev/null') or die "null: $!\n" }
  elsif ($with ne 'terminal') {
    pipe($output, $out) && pipe($error, $err) or die "pipe: $!\n";
    if ($with eq 'input') { pipe($in, $input) or die "pipe: $!\n" }
    else { open($in, '<', '/dev/null') or die "null: $!\n" }
  }
  socketpair(my $ours, my $theirs, 1, 1, 0) or die "socketpair: $!\n";
  my $middle = fork() // die "fork: $!\n";
  if ($middle == 0) {
    close($_) for grep { defined $_ } $CHANNEL, $HANDLES, $ours, $input, $output, $error;
    my $done = eval {
      kernel('setns', fileno($pod->{$_}) + 0, 0) for qw(net ipc uts);
      my $flags = CLONE_NEWNS;
      if ($shared) { kernel('setns', fileno($shared->{pid}) + 0, 0) } else { $flags |= CLONE_NEWPID }
      if ($own_user) { $flags |= CLONE_NEWUSER } else { kernel('setns', fileno($pod->{user}) + 0, 0) }
      kernel('prctl', 4, 1, 0, 0, 0); # its namespaces are opened by the supervisor
      my $pid = kernel('clone', $flags | 17, 0, 0, 0, 0);
      if ($pid) { write_all($theirs, pack('N', $pid)); exit_now(0) }
      become_container($theirs, \%container, {
        uid => $uid, gid => $gid, own_user => $own_user, held => \@held, read_only => $read_only, cwd => $cwd, with => $with, pipes => [$in, $out // $in, $err // $in],
        mounts => \@mounts, files => [words($files)], env => [words($env)], argv => [words($argv)], folder => "/sys/lab/$podname",
      });
      1;
    };
    write_all($theirs, $@);
    exit_now(127);
  }
  close($_) for grep { defined $_ } $theirs, $in, $out, $err;
  my $head = read_exactly($ours, 4);
  waitpid($middle, 0);
  my $pid = defined $head ? unpack('N', $head) : 0;
  my ($terminal, $slave);
  my $started = eval {
    die $head // 'it ended', <$ours>, "\n" if !$pid || $pid > 1 << 22; # the words of a failure
    $container{ended} = pidfd($pid);
    # A user namespace that is not its own has its number told by the pod's.
    for my $kind (qw(user mnt pid)) {
      open($container{$kind}, '<', "/proc/$pid/ns/$kind") or die "namespace $kind: $!\n";
    }
    write_all($ours, 'k');
    if ($with eq 'terminal') {
      read_exactly($ours, 1) // die "it ended\n";
      ($terminal, $slave) = within(\%container, 'mnt', \&open_terminal);
      write_all($ours, pack('N/a*', $slave));
    }
    my $complaint = join '', <$ours>;
    die $complaint if length $complaint;
    1;
  };
  my $failure = $@;
  if (!$started) {
    unlink "/sys/lab/shells/$name.commands";
    kill 'KILL', $pid if $pid && $pid <= 1 << 22;
    die [2, $failure];
  }
  $container{process} = $pid;
  $hosts{$name} = \%container;
  $children{$pid} = {ended => $container{ended}, gone => sub { confine_container($name); end_rest(delete $hosts{$name}) if $shared; delete $hosts{$name}; unlink "/sys/lab/shells/$name.commands"; send_frame(0, 'container-ended', $name, $_[0]) }};
  if ($terminal) {
    my $listener = unix_listener("/sys/lab/shells/$name.main", 0600);
    my $number = ++$shells_begun;
    fork_keeper(
      sub { my $client = pump_terminal($terminal, $listener, $container{ended}, sub { kill 'KILL', $pid });
        part($client, 1) if $client;
        exit_now(0);
      },
      sub { delete $shells{"$name.main"}; unlink "/sys/lab/shells/$name.main" },
    );
    $shells{"$name.main"} = $number;
    return;
  }
  return grep { defined $_ } $output, $error, $input;
}

# Kills what is left of a container whose process was not the first of its process namespace.
sub end_rest {
  my ($container) = @_;
  my $place = (stat $container->{mnt})[1];
  opendir(my $list, '/proc') or return;
  kill 'KILL', grep { /^\d+$/ && ((stat "/proc/$_/ns/mnt")[1] // 0) == $place } readdir $list;
}

sub become_container {
  my ($line, $container, $launch) = @_;
  kernel('prctl', 4, 1, 0, 0, 0);
  if ($launch->{own_user}) {
    write_kernel_file('/proc/self/setgroups', 'deny');
    write_kernel_file('/proc/self/uid_map', "$launch->{uid} 0 1");
    write_kernel_file('/proc/self/gid_map', "$launch->{gid} 0 1");
  }
  die_first();
  defined(read_exactly($line, 1)) or die "the supervisor ended\n";
  build_container_root($launch);
  my ($in, $out, $err) = @{$launch->{pipes}};
  kernel('setsid');
  if ($launch->{with} eq 'terminal') {
    write_all($line, 't');
    my $size = read_exactly($line, 4) // die "the supervisor ended\n";
    my $slave = read_exactly($line, unpack('N', $size));
    sysopen(my $tty, $slave, 2) or die "$slave: $!\n"; # the session has no terminal yet: this becomes it
    ($in, $out, $err) = ($tty) x 3;
  }
  open(STDIN, '<&', $in) && open(STDOUT, '>&', $out) && open(STDERR, '>&', $err) or die "open: $!\n";
  chown $launch->{uid}, $launch->{gid}, $_ for $container->{become} ? (*STDIN, *STDOUT, *STDERR) : ();
  hold_place($container, $line, $launch->{argv}) if $launch->{with} eq 'placeholder';
  run_contained($container, $launch->{cwd}, $launch->{env}, $launch->{argv});
}

# Process 1 of a container whose image's own program is modelled: shows that program's words, reaps, and ends when it is asked to.
sub hold_place {
  my ($container, $line, $argv) = @_;
  my ($no_new_privileges, @capabilities) = @{$container->{rights}};
  $0 = join ' ', @$argv;
  %ENV = ();
  $SIG{CHLD} = 'IGNORE';
  $SIG{$_} = sub { exit_now(0) } for qw(TERM INT QUIT);
  confine_to($no_new_privileges, $container->{become}, [], @capabilities);
  kernel('prctl', 4, 0, 0, 0, 0); # its memory is the supervisor's of a moment ago: nobody reads or traces it
  shutdown($line, 2);
  syscall($NR{close_range}, 0, 0xffffffff, 0);
  select(undef, undef, undef, undef) while 1;
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
  my $observed = report_calls($container->{name}, $cwd, program_file($argv->[0]), @$argv);
  local $FILTER = $SANDBOXED if $observed && sandbox_of($container->{name}) ne '';
  confine_to($no_new_privileges, $container->{become}, $container->{filters}, @capabilities);
  # As late as can be, for Perl itself may be over it. A profile that refuses prlimit64 keeps its container from its own limit, too.
  eval { set_limit(2, $container->{memory}) } if $container->{memory} && $container->{memory} < $LIMIT{2};
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
