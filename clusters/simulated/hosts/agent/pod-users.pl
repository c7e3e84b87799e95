# User namespaces of pods and of their containers. Each is one below its node's, whose root so has every capability in it: it sees, traces and
# signals what runs there, as a node's root does (user_namespaces(7)).
our (%hosts, $CHANNEL, $HANDLES);

# Begins a process in a user namespace below a node's (or where that is undefined the lab's own) and in further new namespaces, with these
# users and groups, or with all that the lab has. Returns its number; it does `work`.
sub begin_with_users {
  my ($node, $flags, $map, $work) = @_;
  socketpair(my $ours, my $theirs, 1, 1, 0) or die "socketpair: $!\n";
  my $maker = fork() // die "fork: $!\n";
  if ($maker == 0) {
    my $begun = eval {
      close($_) for $CHANNEL, $HANDLES, $ours;
      kernel('setns', fileno($node->{user}) + 0, 0) if $node;
      kernel('prctl', 4, 1, 0, 0, 0); # its child's maps are its own to write
      pipe(my $wait, my $go) or die "pipe: $!\n";
      my $pid = kernel('clone', $flags | CLONE_NEWUSER | 17, 0, 0, 0, 0);
      if ($pid == 0) {
        close($_) for $go, $theirs;
        sysread($wait, my $mapped, 1) or exit_now(0);
        kernel('prctl', 4, 1, 0, 0, 0); # its namespaces are opened by the supervisor
        $work->();
        exit_now(0);
      }
      write_kernel_file("/proc/$pid/setgroups", 'deny') if $map;
      write_kernel_file("/proc/$pid/uid_map", $map ? "$map->[0] 0 1" : ALL_USERS());
      write_kernel_file("/proc/$pid/gid_map", $map ? "$map->[1] 0 1" : ALL_USERS());
      syswrite($go, 'm');
      write_all($theirs, $pid);
      1;
    };
    write_all($theirs, "users: $@") unless $begun;
    exit_now(0);
  }
  close($theirs);
  my $said = join '', <$ours>;
  waitpid($maker, 0);
  die $said unless $said =~ /^\d+$/;
  return $said;
}

# The user namespace of a pod in which there is only this user and this group, who are the lab's root outside.
sub users_of_one {
  my ($pod, $uid, $gid) = @_;
  return $pod->{users}{"$uid $gid"} //= do {
    pipe(my $wait, my $go) or die "pipe: $!\n";
    my $pid = begin_with_users($pod->{node}, 0, [$uid, $gid], sub { close($go); sysread($wait, my $end, 1) });
    my $opened = open(my $users, '<', "/proc/$pid/ns/user") ? 1 : "$!";
    kill 'KILL', $pid;
    waitpid($pid, 0);
    die "users of $pod->{name}: $opened\n" unless $opened eq 1;
    $users;
  };
}
