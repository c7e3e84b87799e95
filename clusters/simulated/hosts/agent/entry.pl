# The lab's own namespaces. What the parent needs to wait with comes first; the rest of the program is sent to the child alone,
# which keeps the parent small.

sub main {
  open_channel();
  syscall($NR{close_range}, 5, 0xffffffff, 0);
  %ENV = (PATH => '/usr/sbin:/usr/bin');
  $0 = 'breachlab-supervisor';
  my ($uid, $gid, $spare, @programs) = @{next_frame() // exit 0};
  my %programs = @programs;
  my $namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS;
  if ($> == 0) {
    # The programs may lie where only root can look, so they are put in reach before the supervisor stops being root.
    kernel('unshare', CLONE_NEWNS);
    offer_programs(\%programs);
    my $map = mapper($uid, $gid, $spare);
    kernel('setgroups', 0, 0);
    kernel('setresgid', ($gid + 0) x 3);
    kernel('setresuid', ($uid + 0) x 3);
    kernel('unshare', $namespaces);
    $map->();
    mount_at('none', 'none', '/', MS_REC | MS_PRIVATE, '');
  } else {
    ($uid, $gid) = ($>, $) + 0);
    kernel('unshare', $namespaces);
    map_root_to($uid, $gid);
    offer_programs(\%programs);
  }
  my $pid = fork() // die "fork: $!\n";
  if ($pid) {
    close($_) for $CHANNEL, $HANDLES;
    # A process 1 is gone only after everything in its namespace is.
    $SIG{TERM} = sub { kill 'KILL', $pid };
    1 until waitpid($pid, 0) == $pid || $! != 4;
    exit($? >> 8);
  }
  kernel('prctl', 1, 9, 0, 0, 0); # killed with its parent, whose process number the server knows
  my $rest = next_frame() // exit 0;
  eval $rest->[0] or die $@;
  supervise([sort keys %programs]);
}

# Gives this process, which is an ordinary user by then, its map: root inside is that user, and where the machine has numbers to spare
# (the first of them, 0 for none) everybody else is one of those. Only a process that stays root until then may write that.
sub mapper {
  my ($uid, $gid, $spare) = @_;
  return sub { map_root_to($uid, $gid) } unless $spare;
  socketpair(my $ours, my $theirs, 1, 1, 0) or die "socketpair: $!\n";
  my $itself = $$;
  my $root = fork() // die "fork: $!\n";
  if ($root == 0) {
    close($_) for $ours, $CHANNEL, $HANDLES;
    my $done = eval {
      read_exactly($theirs, 1) // die "the supervisor ended\n";
      write_kernel_file("/proc/$itself/uid_map", "0 $uid 1\n1 $spare 65535");
      write_kernel_file("/proc/$itself/gid_map", "0 $gid 1\n1 $spare 65535");
      1;
    };
    write_all($theirs, $done ? 'mapped' : $@);
    syscall($NR{exit_group}, 0);
  }
  close($theirs);
  return sub {
    kernel('prctl', 4, 1, 0, 0, 0); # dumpable again, as map_root_to makes it
    write_all($ours, 'm');
    my $said = join '', <$ours>;
    waitpid($root, 0);
    die "users of the lab: $said\n" unless $said eq 'mapped';
  };
}

# Mounts everything that is the lab's own over /sys, which holds no program and which no lab shows.
sub offer_programs {
  my ($programs) = @_;
  mount_at('none', 'none', '/', MS_REC | MS_PRIVATE, '');
  mount_at('tmpfs', 'tmpfs', '/sys', MS_NOSUID | MS_NODEV, 'mode=755,size=64k');
  mkdir $_ or die "mkdir $_: $!\n" for qw(/sys/programs /sys/lab);
  for my $name (keys %$programs) {
    open(my $point, '>', "/sys/programs/$name") or die "$name: $!\n";
    bind_mount($programs->{$name}, "/sys/programs/$name");
    restrict_mount("/sys/programs/$name", READ_ONLY | NO_SUID | NO_DEV);
  }
}

eval { main(); 1 } or do { send_frame(0, 'failed', "$@"); exit 1 };
