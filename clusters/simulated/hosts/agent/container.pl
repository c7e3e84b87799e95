# Containers: a root file system and a process namespace in a pod. Where the lab has but one user (an ordinary user's), a container that
# does not run as root has a user namespace of its own, in which that one has its number, and no further groups.
# A container is kept among the hosts, so that whatever can be done in a host can be done in it.
our (%hosts, %shells, $shells_begun, $CHANNEL, $HANDLES);

sub words { unpack('(N/a)*', $_[0]) }

# Starts a container's process in its pod, and in the process namespace of its node or of another container (`join`) if it is to
# share one; `shim`: the words of its parent, where its node has a machine. Returns, once the program runs, its number on that node (0
# where there is none) and its streams; dies with the reason when it cannot.
sub start_container {
  my ($name, $podname, $user, $rights, $read_only, $cwd, $with, $join, $shim, $memory, $filters, $mounts, $files, $env, $argv) = @_;
  my $pod = $hosts{$podname} or die "pod $podname is gone\n";
  my $host = $pod->{node};
  make_image();
  hide_programs('placeholder');
  if ($host) {
    hide_programs('shim');
    hide_program('shim', SHIM);
  }
  my ($uid, $gid, @groups) = split / /, $user;
  my $own_user = $uid != 0 && !($pod->{has_users} && $uid < 65536 && $gid < 65536);
  my $shared = $pod->{shares_processes} ? $host : length $join ? ($hosts{$join} // die "container $join is gone\n") : undef;
  die "not simulated: users other than root among processes that are shared\n" if $own_user && $shared;
  my $users = $own_user ? users_of_one($pod, $uid, $gid) : $pod->{user};
  my %container = (name => $name, rights => [words($rights)], net => $pod->{net}, ipc => $pod->{ipc}, uts => $pod->{uts});
  $container{become} = [$uid, $gid, grep { $_ < 65536 } @groups] if $pod->{has_users} && !$own_user;
  $container{memory} = $memory + 0; # bytes that each of its programs may fill; 0 for no limit of its own
  $container{among_nodes} = $pod->{among_nodes}; # its users, who have their threads together with its programs'
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
  pipe(my $told, my $tells) or die "pipe: $!\n";
  socketpair(my $ours, my $theirs, 1, 5, 0) or die "socketpair: $!\n";
  my $begin = sub {
    eval {
      close($_) for grep { defined $_ } $CHANNEL, $HANDLES, $ours, $told, $input, $output, $error;
      $0 = 'runc init';
      kernel('setns', fileno($pod->{$_}) + 0, 0) for qw(net ipc uts);
      kernel('setns', fileno($shared->{pid}) + 0, 0) if $shared;
      kernel('setns', fileno($users) + 0, 0);
      socketpair(my $shims, my $its, 1, 5, 0) or die "socketpair: $!\n";
      my $pid = kernel('clone', CLONE_NEWNS | ($shared ? 0 : CLONE_NEWPID) | 17, 0, 0, 0, 0);
      if ($pid) {
        close($_) for $its, $theirs;
        become_shim($shims, [words($shim)], $tells) if $host;
        exit_now(0);
      }
      close($shims);
      become_container($theirs, $its, \%container, {
        uid => $uid, gid => $gid, own_user => $own_user, held => \@held, read_only => $read_only, cwd => $cwd, with => $with, pipes => [$in, $out // $in, $err // $in],
        mounts => \@mounts, files => [words($files)], env => [words($env)], argv => [words($argv)], folder => "/sys/lab/$podname",
      });
    };
    tell_failure($theirs, $@);
    exit_now(127);
  };
  if ($host) { begin_on_node($host, $begin) } else { waitpid(fork_unseen($begin), 0) }
  close($_) for grep { defined $_ } $theirs, $tells, $in, $out, $err;
  my ($failure, $terminal, $slave) = ('');
  while (my ($said, $handle) = receive_with($ours)) {
    if ($handle) { $container{$said} = $handle }
    elsif ($said =~ s/^!//) { $failure .= $said }
    elsif (eval { ($terminal, $slave) = within(\%container, 'mnt', \&open_terminal) }) { syswrite($ours, $slave) }
    else { $failure = $@; last }
  }
  close($ours);
  $failure ||= "it ended\n" unless $container{pid};
  if ($failure) {
    unlink "/sys/lab/shells/$name.commands";
    signal_process($container{ended}, 9) if $container{ended};
    die [2, $failure];
  }
  my @numbers = numbers_of($container{ended});
  $container{process} = $numbers[0];
  $hosts{$name} = \%container;
  await_container($name, \%container, $host && $told, sub {
    confine_container($name);
    end_rest($hosts{$name}) if $shared;
    delete $hosts{$name};
    unlink "/sys/lab/shells/$name.commands";
    send_frame(0, 'container-ended', $name, $_[0]);
  });
  serve_terminal($name, \%container, $terminal) if $terminal;
  return ($host ? $numbers[1] // 0 : 0, grep { defined $_ } $output, $error, $input);
}

# The terminal that a container's process has, for whoever attaches to it.
sub serve_terminal {
  my ($name, $container, $terminal) = @_;
  my $listener = unix_listener("/sys/lab/shells/$name.main", 0600);
  my $number = ++$shells_begun;
  fork_keeper(
    sub {
      my $client = pump_terminal($terminal, $listener, $container->{ended}, sub { signal_process($container->{ended}, 9) });
      part($client, 1) if $client;
      exit_now(0);
    },
    sub { delete $shells{"$name.main"}; unlink "/sys/lab/shells/$name.main" },
  );
  $shells{"$name.main"} = $number;
}

# Kills what is left of a container whose process was not the first of its process namespace.
sub end_rest {
  my ($container) = @_;
  my $place = (stat $container->{mnt})[1];
  opendir(my $list, '/proc') or return;
  kill 'KILL', grep { /^\d+$/ && ((stat "/proc/$_/ns/mnt")[1] // 0) == $place } readdir $list;
}
