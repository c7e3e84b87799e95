# The parent of all labs of a server. It has the whole program compiled and holds what every host starts from; a lab's supervisor, which is
# forked from it, shares the memory of both. It knows nothing of a lab but its number and its process.
our (%NR, $CHANNEL, $HANDLES);
# What every host starts from, in the words of `write_entry`, and the programs that it has in /usr/local/bin.
our (@template, @programs);
# By number: `process`, `ended` (its pidfd) and `line`, on which it hands over sockets.
my %labs;
my $is_root;
# Whether an ordinary user's numbers of /etc/subuid are for the labs' other users, which all its labs then share.
my $has_spare;

# Frames: programs by name with their path, then the template; from then on what is to be done.
sub tend_labs {
  $0 = 'breachlab-labs';
  umask 022; # whatever the server's is
  my %programs = @{next_frame() // exit 0};
  @programs = sort keys %programs;
  @template = entries(@{next_frame() // exit 0});
  settle(\%programs);
  while (1) {
    my $read = '';
    vec($read, fileno $_, 1) = 1 for $CHANNEL, $HANDLES, map { grep { $_ } @$_{qw(ended line)} } values %labs;
    next if select($read, undef, undef, undef) < 0;
    # Node acknowledges each socket; unread, that would fill up.
    sysread($HANDLES, my $acknowledged, 1 << 16) or exit 0 if vec($read, fileno $HANDLES, 1);
    for my $number (keys %labs) {
      my $lab = $labs{$number};
      hand_on($number, $lab) if $lab->{line} && vec($read, fileno $lab->{line}, 1);
      bury($number, $lab) if vec($read, fileno $lab->{ended}, 1);
    }
    next unless vec($read, fileno $CHANNEL, 1);
    for (@{arrived_frames() // exit 0}) {
      my ($what, $number, @fields) = @$_;
      if ($what eq 'begin') { eval { start_lab($number, @fields); 1 } or send_frame($number, 'ended', "$@") }
      elsif ($labs{$number}) { kill 'KILL', $labs{$number}{process} } # a process 1 is gone only after everything in its namespace is
    }
  }
}

# Mounts what the labs are to find over /sys, which holds no program and which no lab shows. The programs may lie where only root can look.
sub settle {
  my ($programs) = @_;
  $is_root = $> == 0;
  if ($is_root) {
    kernel('setgroups', 0, 0);
    kernel('unshare', CLONE_NEWNS);
  } else {
    my ($uid, $gid) = ($>, $) + 0);
    my $mapper = mapper($uid, $gid);
    kernel('unshare', CLONE_NEWUSER | CLONE_NEWNS);
    $has_spare = $mapper && $mapper->();
    map_root_to($uid, $gid) unless $has_spare;
  }
  mount_at('none', 'none', '/', MS_REC | MS_PRIVATE, '');
  mount_at('tmpfs', 'tmpfs', '/sys', MS_NOSUID | MS_NODEV, 'mode=755,size=64k');
  mkdir $_ or die "mkdir $_: $!\n" for qw(/sys/programs /sys/lab);
  for my $name (keys %$programs) {
    open(my $point, '>', "/sys/programs/$name") or die "$name: $!\n";
    bind_mount($programs->{$name}, "/sys/programs/$name");
    restrict_mount("/sys/programs/$name", READ_ONLY | NO_SUID | NO_DEV);
  }
}

# What an ordinary user may map besides itself: as many numbers as a lab has users, by /etc/subuid and /etc/subgid (subuid(5)).
sub spare_numbers {
  my ($file, @names) = @_;
  open(my $ranges, '<', $file) or return;
  for (<$ranges>) {
    my ($name, $first, $count) = /^([^:]+):(\d+):(\d+)$/ or next;
    return $first if $count >= 65535 && grep { $_ eq $name } @names;
  }
  return;
}

# Has newuidmap and newgidmap, which are set-user-id, map this process; they must stay outside of the namespace that it makes. Returns what
# is to be called from inside, which tells whether that was done; nothing where this user has no numbers, or the machine has no uidmap.
sub mapper {
  my ($uid, $gid) = @_;
  my @names = grep { defined } (getpwuid $uid)[0], $uid;
  my ($users, $groups) = (spare_numbers('/etc/subuid', @names), spare_numbers('/etc/subgid', @names));
  return unless $users && $groups && -x '/usr/bin/newuidmap' && -x '/usr/bin/newgidmap';
  socketpair(my $ours, my $theirs, 1, 1, 0) or die "socketpair: $!\n";
  my $itself = $$;
  my $pid = fork() // die "fork: $!\n";
  if ($pid == 0) {
    close($_) for $ours, $CHANNEL, $HANDLES;
    read_exactly($theirs, 1) // exit_now(1);
    my $done = system('/usr/bin/newuidmap', $itself, 0, $uid, 1, 1, $users, 65535) == 0
      && system('/usr/bin/newgidmap', $itself, 0, $gid, 1, 1, $groups, 65535) == 0;
    write_all($theirs, $done ? 'y' : 'n');
    exit_now(0);
  }
  close($theirs);
  return sub {
    kernel('prctl', 4, 1, 0, 0, 0); # dumpable, as map_root_to makes it: its map is its own
    write_all($ours, 'm');
    my $said = read_exactly($ours, 1) // 'n';
    waitpid($pid, 0);
    return $said eq 'y';
  };
}

# What is to be in the lab: see `boot`. Root inside becomes that user, where this process is root, and where the machine has numbers to spare (the first of them, 0 for none)
# everybody else is one of those.
sub start_lab {
  my ($number, $uid, $gid, $spare, @plan) = @_;
  socketpair(my $channel, my $theirs, 1, 1, 0) or die "socketpair: $!\n";
  socketpair(my $line, my $its_line, 1, 5, 0) or die "socketpair: $!\n";
  my $namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
  my $pid = kernel('clone', $namespaces | 17, 0, 0, 0, 0);
  if ($pid == 0) {
    %labs = ();
    ($CHANNEL, $HANDLES) = ($channel, $its_line);
    close($_) for $theirs, $line;
    $SIG{__WARN__} = sub { print STDERR "$number: $_[0]" };
    eval { become_lab(@plan); 1 } or eval {
      send_frame(0, 'failed', "$@");
      1 while sysread($CHANNEL, my $more, 1 << 16); # who still writes to us is to hear that first
    };
    exit_now(1);
  }
  my $mapped = eval {
    ($uid, $gid, $spare) = (0, 0, $has_spare ? 1 : 0) unless $is_root; # an ordinary user, who is root here already
    write_kernel_file("/proc/$pid/setgroups", 'deny') unless $spare;
    write_kernel_file("/proc/$pid/uid_map", "0 $uid 1" . ($spare ? "\n1 $spare 65535" : ''));
    write_kernel_file("/proc/$pid/gid_map", "0 $gid 1" . ($spare ? "\n1 $spare 65535" : ''));
    write_all($line, 'm');
  };
  my $failure = $@;
  if (!$mapped) {
    kill 'KILL', $pid;
    waitpid($pid, 0);
    die "users of the lab: $failure";
  }
  $labs{$number} = {process => $pid, ended => pidfd($pid), line => $line};
  give_to_node("$number.channel", 'net.Socket', $theirs);
}

# Process 1 of a lab. Once it has its users it is nobody's but the lab's.
sub become_lab {
  my @plan = @_;
  read_exactly($HANDLES, 1) // exit_now(0);
  $0 = 'breachlab-supervisor';
  kernel('setresgid', 0, 0, 0);
  kernel('setresuid', 0, 0, 0);
  kernel('prctl', 4, 1, 0, 0, 0); # dumpable again, so that it owns its own files in /proc
  kernel('prctl', 1, 9, 0, 0, 0); # killed with its parent
  mount_at('none', 'none', '/', MS_REC | MS_PRIVATE, '');
  supervise(@plan);
}

# A lab's socket on its way to the server, under the lab's own number whatever the lab says.
sub hand_on {
  my ($number, $lab) = @_;
  my ($said, $socket) = receive_with($lab->{line});
  if (!defined $said) { delete $lab->{line}; return }
  my ($id, $type) = $said =~ /\A([a-z0-9]{1,64}) (net\.Socket|net\.Server|dgram\.Socket)\z/ or return;
  return unless $socket;
  give_to_node("$number.$id", $type, $socket);
  return if $type eq 'net.Socket';
  # A port is free again only when nobody has it: the server must not close its own before this one is closed.
  close($socket);
  send_frame($number, 'released', $id);
}

sub bury {
  my ($number, $lab) = @_;
  waitpid($lab->{process}, 0);
  delete $labs{$number};
  send_frame($number, 'ended', '');
}
