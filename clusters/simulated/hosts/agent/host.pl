# Builds one host: its namespaces, its root file system, its side of the network, and its process 1.

# Where packages put their units. This machine's own are hidden, and what a host's packages have is written there, on the host's own disk.
sub UNITS() { '/usr/lib/systemd/system' }

# Of every host (nursery.pl).
our (@template, @programs);

# The users of a lab as the lab itself has them, or root alone.
our $has_users;

# Starts a host and returns what the supervisor keeps of it. Its namespaces are opened at once, before it stops being dumpable.
sub start_host {
  my ($name, $network) = @_;
  socketpair(my $ours, my $theirs, 1, 1, 0) or die "socketpair: $!\n";
  mkdir "/sys/lab/$name/local";
  my $namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
  my $pid = with_fewer_processes(sub { kernel('clone', $namespaces | 17, 0, 0, 0, 0) });
  close($pid ? $theirs : $ours);
  if ($pid == 0) {
    my $done = eval { become_host($theirs, @_); 1 };
    write_all($theirs, "error $@") unless $done;
    exit 1;
  }
  if ($has_users) { write_kernel_file("/proc/$pid/$_", ALL_USERS()) for qw(uid_map gid_map) }
  write_all($ours, 'm');
  my %host = (name => $name, process => $pid, line => $ours, ended => pidfd($pid));
  for my $kind (qw(user mnt pid net ipc uts)) {
    next if open($host{$kind}, '<', "/proc/$pid/ns/$kind");
    die "host $name: $!: ", <$ours>;
  }
  return \%host;
}

# The users of a namespace may have as many processes together as its maker might when it made it (kernel/user_namespace.c,
# set_userns_rlimit_max): 1024, of which the lab's are some. Each of them alone is bound in confine.pl.
sub with_fewer_processes {
  my ($make) = @_;
  my $usual = pack('Q2', 0, 0);
  syscall($NR{prlimit64}, 0, 6, 0, $usual) == 0 or die "prlimit64: $!\n"; # not by kernel, which copies what is to be filled
  my (undef, $most) = unpack('Q2', $usual);
  kernel('prlimit64', 0, 6, pack('Q2', $most > 0 && $most < 1024 ? $most : 1024, $most), 0);
  my $made = eval { $make->() };
  my $failure = $@;
  kernel('prlimit64', 0, 6, $usual, 0);
  die $failure unless defined $made;
  return $made;
}

sub become_host {
  my ($line, $name, $network) = @_;
  close($_) for $HANDLES, $CHANNEL;
  open(my $own, '<', own_entries($name)) or die "entries: $!\n";
  $0 = '/sbin/init';
  read_exactly($line, 1) // die "the supervisor ended\n"; # its users are there
  map_root_to(0, 0) unless $has_users;
  die_first();
  kernel('sethostname', "$name", length $name);
  # As systemd sets it (sysctl.d/50-default.conf), for nothing is set-user-id in a host.
  eval { write_kernel_file('/proc/sys/net/ipv4/ping_group_range', '0 65535') } if $has_users;
  # IPv6 would be a way around a firewall that only has iptables rules.
  eval { write_kernel_file("/proc/sys/net/ipv6/conf/$_/disable_ipv6", '1') for qw(all default) };
  write_all($line, 'c');
  # Of the 128 that a user of the machine has by default, which an ordinary user's labs share.
  eval { write_kernel_file('/proc/sys/user/max_inotify_instances', '8') };
  build_root($name);
  write_entries(@template);
  read_exactly($line, 1) // die "the supervisor ended\n"; # its cables are plugged in, and its entries there
  change_network($network);
  write_entries(entries(unpack('(N/a)*', rest_of($own))));
  give_away() if $has_users;
  restrict_mount('/usr/local', READ_ONLY | NO_SUID | NO_DEV);
  restrict_mount('/proc/sys', READ_ONLY);
  kernel('prctl', 4, 0, 0, 0, 0); # not dumpable: nobody reads or traces process 1
  $SIG{CHLD} = 'IGNORE'; # the kernel reaps
  %ENV = ();
  confine();
  write_all($line, 'ready');
  syscall($NR{close_range}, 0, 0xffffffff, 0);
  # It may be executed but not be read, so the kernel keeps it from being dumpable; SIGCHLD stays ignored.
  exec { '/usr/local/lib/breachlab/init' } '/sbin/init';
}

# What a template or a seed lays down knows of no owners: homes are their accounts', and whoever is in the group of /etc/shadow reads it.
sub give_away {
  open(my $accounts, '<', '/etc/passwd') or return;
  for (<$accounts>) {
    my (undef, undef, $uid, $gid, undef, $home) = split /:/;
    next unless ($uid // '') =~ /^\d{4,5}$/ && $uid >= 1000 && $uid < 65534 && ($gid // '') =~ /^\d{1,5}$/;
    chown_tree($uid, $gid, $home) if ($home // '') =~ m{^/home/[^/]+$};
  }
  chown 0, 42, grep { -f $_ && !-l $_ } '/etc/shadow', '/etc/gshadow';
}

sub chown_tree {
  my ($uid, $gid, $path) = @_;
  return if -l $path || !-e _;
  chown $uid, $gid, $path;
  opendir(my $list, $path) or return;
  chown_tree($uid, $gid, "$path/$_") for grep { $_ ne '.' && $_ ne '..' } readdir $list;
}

sub build_root {
  my ($name) = @_;
  my $root = '/sys/lab/root';
  mount_at('none', 'none', '/', MS_REC | MS_PRIVATE, '');
  mount_at('tmpfs', 'tmpfs', $root, MS_NOSUID | MS_NODEV, $SIZE{root});
  for my $folder (qw(dev etc home media mnt opt proc root run srv sys tmp usr var var/cache var/lib var/log var/mail var/spool var/tmp)) {
    mkdir "$root/$folder", 0755 or die "mkdir $folder: $!\n";
  }
  chmod 0700, "$root/root";
  chmod 01777, "$root/tmp", "$root/var/tmp";
  symlink('/run', "$root/var/run");
  symlink('/run/lock', "$root/var/lock");
  mkdir "$root/run/lock", 01777;
  mkdir("$root/usr/units") && chdir("$root/usr/units") or die "units: $!\n"; # which /usr is about to cover
  bind_mount('/usr', "$root/usr");
  restrict_mount("$root/usr", READ_ONLY | NO_SUID | NO_DEV);
  bind_mount('.', $root . UNITS()) if -d UNITS();
  for my $folder (grep { -e "/$_" } qw(bin sbin lib lib32 lib64 libx32)) {
    if (-l "/$folder") { symlink(readlink("/$folder"), "$root/$folder"); next }
    mkdir "$root/$folder";
    bind_mount("/$folder", "$root/$folder");
    restrict_mount("$root/$folder", READ_ONLY | NO_SUID | NO_DEV);
  }
  my $local = "/sys/lab/$name/local";
  mkdir "$local/$_" for qw(bin etc include lib lib/breachlab sbin share);
  for my $program (@programs) {
    open(my $point, '>', "$local/bin/$program") or die "$program: $!\n";
  }
  link('/sys/lab/init', "$local/lib/breachlab/init") or die "init: $!\n";
  bind_mount($local, "$root/usr/local");
  bind_mount("/sys/programs/$_", "$root/usr/local/bin/$_") for @programs;
  mount_at('proc', 'proc', "$root/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, '');
  for my $path (grep { -e "$root/proc/$_" } qw(sys sysrq-trigger irq bus fs)) {
    bind_mount("$root/proc/$path", "$root/proc/$path");
    restrict_mount("$root/proc/$path", READ_ONLY) unless $path eq 'sys'; # which is closed last, see become_host
  }
  make_devices("$root/dev");
  chdir $root or die "chdir: $!\n";
  kernel('pivot_root', '.', '.');
  kernel('umount2', '.', 2);
  chdir '/';
}

sub make_devices {
  my ($dev, @points) = @_;
  mount_at('tmpfs', 'tmpfs', $dev, MS_NOSUID, 'mode=755,size=64k,nr_inodes=64');
  for my $device (qw(null zero full random urandom tty)) {
    open(my $point, '>', "$dev/$device") or die "$device: $!\n";
    bind_mount("/dev/$device", "$dev/$device");
  }
  for my $name (@points) { open(my $point, '>', "$dev/$name") or die "$name: $!\n" }
  mkdir "$dev/$_" for qw(pts shm);
  mount_at('devpts', 'devpts', "$dev/pts", MS_NOSUID | MS_NOEXEC, 'newinstance,ptmxmode=0666,mode=620');
  mount_at('tmpfs', 'tmpfs', "$dev/shm", MS_NOSUID | MS_NODEV, $SIZE{shm});
  symlink('pts/ptmx', "$dev/ptmx");
  symlink('/proc/self/fd', "$dev/fd");
  symlink("/proc/self/fd/$_->[0]", "$dev/$_->[1]") for [0, 'stdin'], [1, 'stdout'], [2, 'stderr'];
  # Not recursively: pts and shm are to be written, and devices to be opened for writing.
  mount_at('none', 'none', $dev, MS_BIND | MS_NOSUID | 32 | 1, '');
}

# Runs a program of this machine on a text and returns what it says, to either output. A failure names its own words.
sub feed {
  my ($batch, @argv) = @_;
  pipe(my $in, my $to) or die "pipe: $!\n";
  pipe(my $from, my $out) or die "pipe: $!\n";
  my $pid = fork() // die "fork: $!\n";
  if ($pid == 0) {
    open(STDIN, '<&', $in);
    open(STDOUT, '>&', $out);
    open(STDERR, '>&', $out);
    %ENV = (PATH => '/usr/sbin:/usr/bin');
    $SIG{PIPE} = 'DEFAULT';
    exec { $argv[0] } @argv or syscall($NR{exit_group}, 127);
  }
  close($_) for $in, $out;
  write_all($to, $batch);
  close($to);
  my $said = join '', <$from>;
  waitpid($pid, 0);
  die "$argv[0]: status $?: $said\n" if $?;
  return $said;
}
