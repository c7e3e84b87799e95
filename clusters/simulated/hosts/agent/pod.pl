# Pods. A pod is a network, an ipc, a host name and users that its containers share, and a folder of volumes. It is kept among the
# hosts, as its containers are (container.pl).
our (%hosts, $has_users, %NR, %SIZE, $CHANNEL, $HANDLES);

# Makes a pod's namespaces and its folder of volumes, and plugs its cable in (`cable`): into the network of `plug`, a host or another pod, or
# where that is empty into the router. A pod that shares namespaces with its node (`shared`: some of `net ipc pid`) lives among the users of
# that node, any other among its own.
sub start_pod {
  my ($name, $hostname, $cable, $network, $node, $shared, $plug) = @_;
  my $host = $hosts{$node};
  my %shared = map { $_ => 1 } split / /, $shared;
  die "not simulated: sharing a node's namespaces in a lab without machines\n" if %shared && !$host;
  my $flags = ($shared{net} ? 0 : CLONE_NEWNET | CLONE_NEWUTS) | ($shared{ipc} ? 0 : CLONE_NEWIPC);
  socketpair(my $ours, my $theirs, 1, 1, 0) or die "socketpair: $!\n";
  my $work = sub {
    my $done = eval {
      close($_) for grep { defined fileno $_ } $CHANNEL, $HANDLES, $ours;
      join_node($host, $flags, %shared) if %shared;
      write_all($theirs, 'p');
      defined(read_exactly($theirs, 1)) or die "the supervisor ended\n";
      set_up_network($hostname, $network) unless $shared{net};
      1;
    };
    write_all($theirs, $done ? 'ready' : "error $@");
    exit_now(0);
  };
  my $pid = %shared ? fork() : begin_with_users($host, $flags, $has_users ? undef : [0, 0], $work);
  $work->() if %shared && $pid == 0;
  close($theirs);
  my %pod = (name => $name, node => $host, shares_processes => $shared{pid}, has_users => $has_users, among_nodes => %shared ? 1 : 0);
  my $started = eval {
    read_exactly($ours, 1) // die "it ended\n";
    for my $kind (qw(user net ipc uts)) {
      open($pod{$kind}, '<', "/proc/$pid/ns/$kind") or die "namespace $kind: $!\n";
    }
    $cable =~ s/\{pod\}/$pid/g;
    if (!$shared{net}) { within_network($plug, sub { change_network($cable) }) }
    write_all($ours, 'w');
    my $said = join '', <$ours>;
    die "$said\n" unless $said eq 'ready';
    my $folder = "/sys/lab/$name";
    mkdir $folder;
    mount_at('tmpfs', 'tmpfs', $folder, MS_NOSUID | MS_NODEV, $SIZE{volumes});
    1;
  };
  my $failure = $@;
  kill 'KILL', $pid;
  waitpid($pid, 0);
  die "pod $hostname did not start: $failure" unless $started;
  $hosts{$name} = \%pod;
}

# In a process that nobody but the supervisor sees: enters what a pod shares of its node, and makes the rest.
sub join_node {
  my ($host, $flags, %shared) = @_;
  kernel('setns', fileno($host->{$_}) + 0, 0) for grep { $shared{$_} } qw(net ipc);
  kernel('setns', fileno($host->{uts}) + 0, 0) if $shared{net};
  kernel('setns', fileno($host->{user}) + 0, 0);
  kernel('prctl', 4, 1, 0, 0, 0); # its namespaces are opened by the supervisor
  kernel('unshare', $flags) if $flags;
}

# Does it in the network of a host or of a pod by its name, or where that is empty in the router's.
sub within_network {
  my ($name, $work) = @_;
  return $work->() unless length $name;
  return within($hosts{$name} // die("$name is gone\n"), 'net', $work);
}

# Seen from inside a network that is the pod's own.
sub set_up_network {
  my ($hostname, $network) = @_;
  kernel('sethostname', "$hostname", length $hostname);
  eval { write_kernel_file("/proc/sys/net/ipv6/conf/$_/disable_ipv6", '1') for qw(all default) };
  # As containerd sets both (enable_unprivileged_ports, enable_unprivileged_icmp).
  eval { write_kernel_file('/proc/sys/net/ipv4/ip_unprivileged_port_start', '0') };
  eval { write_kernel_file('/proc/sys/net/ipv4/ping_group_range', $has_users ? '0 65535' : '0 0') };
  # Two packets, three seconds: who is filtered away is not waited for for two minutes.
  eval { write_kernel_file('/proc/sys/net/ipv4/tcp_syn_retries', '1') };
  change_network($network);
}

sub end_pod {
  my ($name) = @_;
  delete $hosts{$name} or return;
  syscall($NR{umount2}, "/sys/lab/$name", 2);
  rmdir "/sys/lab/$name";
}
