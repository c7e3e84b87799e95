# How a container's process begins on a node with a machine: as the child of a shim of its own, which is process 1's, in a process namespace
# below the node's. Node's root may look at whatever it can see: until it has executed its program or the shim's, none of these processes,
# whose memory and files are the supervisor's, is dumpable (PR_SET_DUMPABLE), and to be let read it all the same one would need
# capabilities outside of the lab, where the supervisor's program was executed (ptrace(2), "Ptrace access mode checking").
our (%hosts, %children, %NR);

sub SHIM() { '/usr/bin/containerd-shim-runc-v2' }

# Forks a process that nobody may look into and that goes first where memory runs out; `work` ends it.
sub fork_unseen {
  my ($work) = @_;
  my $before = slurp('/proc/self/oom_score_adj');
  die_first();
  kernel('prctl', 4, 0, 0, 0, 0);
  my $pid = fork();
  if (defined $pid && $pid == 0) { $work->(); exit_now(0) }
  my $reason = $!;
  kernel('prctl', 4, 1, 0, 0, 0);
  write_kernel_file('/proc/self/oom_score_adj', $before);
  return $pid // die "fork: $reason\n";
}

# Has `work` done among the processes of a host, by one that is the child of process 1 there.
sub begin_on_node {
  my ($host, $work) = @_;
  open($HOME_NAMESPACE->{pid}, '<', '/proc/self/ns/pid') or die "namespace pid: $!\n" unless $HOME_NAMESPACE->{pid};
  my ($parent) = within($host, 'pid', sub {
    # In the host: what this one forks is process 1's once it has gone.
    fork_unseen(sub { my $pid = fork(); $work->() if defined $pid && $pid == 0 });
  });
  waitpid($parent, 0);
}

# In who has begun a container's process, among that one's users: becomes its shim, once the container's files can be its own, for among the
# supervisor's nobody is to find it.
sub become_shim {
  my ($line, $words, $tells) = @_;
  my (undef, $files) = receive_with($line);
  exit_now(127) unless $files; # the container's process has failed, and told why
  kernel('setns', fileno($files) + 0, 0);
  kernel('setsid');
  my $env = [PATH => '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'];
  run_modelled('shim', {program => SHIM, argv => $words, env => $env, output => $tells, sockets => []});
}

# Hears of a container's end by its shim, or where it has none by this process, whose child it then is: `gone` is called with its status.
sub await_container {
  my ($name, $container, $shim, $gone) = @_;
  if (!$shim) { $children{$container->{process}} = {ended => $container->{ended}, gone => $gone}; return }
  nonblocking($shim);
  $children{"shim of $name"} = {ended => $shim, container => $container->{ended}, gone => $gone};
}

# What shims have told since. One that was killed takes its container with it, as containerd then does.
sub hear_shims {
  for my $key (grep { /^shim of/ } keys %children) {
    my $shim = $children{$key};
    my $got = sysread($shim->{ended}, my $status, 4);
    next unless defined $got;
    signal_process($shim->{container}, 9) unless $got;
    delete $children{$key};
    $shim->{gone}->($got ? status_of(unpack('l', $status)) : 137);
  }
}

# By its pidfd, which is nobody else's even when its number is.
sub signal_process { syscall($NR{pidfd_send_signal}, fileno($_[0]) + 0, $_[1] + 0, 0, 0) }

# The numbers of a process, by its pidfd: here, and in each process namespace below that it is in (proc_pid_fdinfo(5)).
sub numbers_of {
  my ($told) = slurp('/proc/self/fdinfo/' . fileno $_[0]) =~ /^NSpid:\t(.*)$/m;
  return split /\t/, $told // '';
}

# A failure in pieces, for whoever reads them reads no longer ones.
sub tell_failure {
  my ($line, $words) = @_;
  syswrite($line, "!$_") for unpack('(a100)*', $words);
}
