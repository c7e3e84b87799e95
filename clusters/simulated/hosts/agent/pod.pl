# Pods. A pod is a network, an ipc, a host name and users that its containers share, and a folder of volumes; a container has a root
# file system and a process namespace. Where the lab has but one user (an ordinary user's), a container that does not run as root has a
# user namespace of its own, in which that one has its number, and no further groups.
# A container is kept among the hosts, so that whatever can be done in a host can be done in it.
our (%hosts, %children, %shells, $shells_begun, $has_users, %NR, %LIMIT, %SIZE, $CHANNEL, $HANDLES);
my $image_made = 0;

# Debian builds wget without time limits, and crashes on the option for one. Its shell runs its own wget, whose option is made to do
# nothing (a connection to nobody is given up soon, see start_pod); everybody else gets this one.
sub WGET() { <<'SCRIPT' }
#!/bin/sh
limit= left=$#
while [ $left -gt 0 ]; do
  word=$1; shift; left=$((left - 1))
  case $word in
    -T|--timeout) limit=$1; shift; left=$((left - 1)) ;;
    -qT) limit=$1; shift; left=$((left - 1)); set -- "$@" -q ;;
    -T?*) limit=${word#-T} ;;
    --timeout=*) limit=${word#*=} ;;
    *) set -- "$@" "$word" ;;
  esac
done
[ -n "$limit" ] || exec busybox wget "$@"
timeout "$limit" busybox wget "$@"
status=$?
[ $status = 143 ] || exit $status
echo 'wget: download timed out' >&2
exit 1
SCRIPT

sub IMAGE() { '/sys/lab/image' }
my @IMAGE_FOLDERS = qw(bin dev etc home lib mnt opt proc root run sbin srv sys tmp usr usr/bin usr/local usr/local/bin usr/sbin var var/lib var/log var/run var/spool var/tmp var/www);

# The programs of every image: busybox under all its names. Lies below each container's own files.
sub make_image {
  return if $image_made;
  my $busybox = (grep { -x $_ } qw(/bin/busybox /usr/bin/busybox))[0] // die "not simulated: containers need the package busybox-static\n";
  mkdir IMAGE;
  mount_at('tmpfs', 'tmpfs', IMAGE, MS_NOSUID | MS_NODEV, 'mode=755,size=8m,nr_inodes=1000');
  mkdir IMAGE . "/$_", 0755 for @IMAGE_FOLDERS;
  chmod 01777, IMAGE . '/tmp', IMAGE . '/var/tmp';
  chmod 0700, IMAGE . '/root';
  my $program = slurp($busybox);
  $program =~ s/(\^cqSO:o:P:Y:U:T:)\+([^\0]*\0[^\0]*\0)/$1$2\0/; # an integer nobody keeps becomes a word nobody keeps
  write_entry('file', '755', IMAGE . '/bin/busybox', $program);
  open(my $list, '-|', $busybox, '--list') or die "busybox: $!\n";
  while (my $name = <$list>) {
    chomp $name;
    link(IMAGE . '/bin/busybox', IMAGE . "/bin/$name") unless $name eq 'busybox' || $name eq 'wget';
  }
  close($list);
  write_entry('file', '755', IMAGE . '/bin/wget', WGET());
  link(IMAGE . '/bin/busybox', IMAGE . '/usr/bin/env');
  $image_made = 1;
}

sub words { unpack('(N/a)*', $_[0]) }

# Makes a pod's namespaces and its folder of volumes, and plugs its cable into the router. A pod that shares namespaces with its node
# (`shared`: some of `net ipc pid`) lives among the users of that node, who are root alone.
sub start_pod {
  my ($name, $hostname, $router, $network, $node, $shared) = @_;
  my %shared = map { $_ => 1 } split / /, $shared;
  my $host = %shared ? ($hosts{$node} // die "not simulated: sharing a node's namespaces in a lab without machines\n") : undef;
  my $flags = ($shared{net} ? 0 : CLONE_NEWNET | CLONE_NEWUTS) | ($shared{ipc} ? 0 : CLONE_NEWIPC);
  socketpair(my $ours, my $theirs, 1, 1, 0) or die "socketpair: $!\n";
  my $pid = $host ? fork() : kernel('clone', $flags | CLONE_NEWUSER | 17, 0, 0, 0, 0);
  close($pid ? $theirs : $ours);
  if ($pid == 0) {
    my $done = eval {
      close($CHANNEL);
      close($HANDLES);
      kernel('prctl', 4, 1, 0, 0, 0); # its namespaces are opened by the supervisor
      if ($host) {
        kernel('setns', fileno($host->{$_}) + 0, 0) for grep { $shared{$_} } qw(net ipc);
        kernel('setns', fileno($host->{uts}) + 0, 0) if $shared{net};
        kernel('setns', fileno($host->{user}) + 0, 0);
        kernel('unshare', $flags) if $flags;
      } elsif (!$has_users) { map_root_to(0, 0) }
      write_all($theirs, 'p');
      defined(read_exactly($theirs, 1)) or die "the supervisor ended\n";
      set_up_network($hostname, $network) unless $shared{net};
      1;
    };
    write_all($theirs, $done ? 'ready' : "error $@");
    exit_now(0);
  }
  my %pod = (name => $name, node => $host, shares_processes => $shared{pid}, has_users => $has_users && !$host);
  my $started = eval {
    read_exactly($ours, 1) // die "it ended\n";
    if ($pod{has_users}) { write_kernel_file("/proc/$pid/$_", "0 0 1\n1 1 65535") for qw(uid_map gid_map) } # as the lab's own, see mapper
    for my $kind (qw(user net ipc uts)) {
      open($pod{$kind}, '<', "/proc/$pid/ns/$kind") or die "namespace $kind: $!\n";
    }
    run_ip($router =~ s/\{pod\}/$pid/gr) unless $shared{net};
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
  die "pod $hostname did not start: $failure" unless $started;
  $hosts{$name} = \%pod;
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
  run_ip($network);
}

sub end_pod {
  my ($name) = @_;
  delete $hosts{$name} or return;
  syscall($NR{umount2}, "/sys/lab/$name", 2);
  rmdir "/sys/lab/$name";
}

# Volumes of a pod: entries as of a template, whose paths begin with the volume's name. A link is replaced in one step.
sub write_volumes {
  my ($name, @entries) = @_;
  $hosts{$name} or die "pod $name is gone\n";
  for my $entry (@entries) {
    my ($kind, $mode, $path, $data) = @$entry;
    my $at = "/sys/lab/$name/$path";
    if ($kind eq 'link') {
      make_parents($at);
      unlink "$at.new";
      symlink($data, "$at.new") && rename("$at.new", $at) or die "link $path: $!\n";
    } elsif ($kind eq 'gone') { remove_tree($at) }
    elsif ($kind eq 'owner') { if ($hosts{$name}{has_users}) { chown split(/:/, $data), $at or die "owner of $path: $!\n" } }
    else { write_entry($kind, $mode, $at, $data) }
  }
}

# Of files that the server has written, in a volume no container can write to.
sub remove_tree {
  my ($path) = @_;
  if (-d $path && !-l $path) {
    opendir(my $list, $path) or return;
    remove_tree("$path/$_") for grep { $_ ne '.' && $_ ne '..' } readdir $list;
    rmdir $path;
  } else { unlink $path }
}

# What lies at a path of a node, and is made there when it should be. A node without a machine has a folder of the supervisor's, in which
# no link is followed.
sub look_at_node_path {
  my ($node, $path, $make) = @_;
  my $look = sub {
    my ($at) = @_;
    if (!-e $at && $make ne '') {
      make_parents($at);
      if ($make eq 'folder') { mkdir $at, 0755 or die "mkdir $path: $!\n" }
      else { sysopen(my $file, $at, 0301, 0644) or die "$path: $!\n" }
    }
    return 'absent' unless -e $at;
    return -d _ ? 'folder' : -f _ ? 'file' : -S _ ? 'socket' : -c _ ? 'character device' : -b _ ? 'block device' : 'else';
  };
  return within($hosts{$node}, 'mnt', sub { $look->($path) }) if $hosts{$node};
  my $at = "/sys/lab/nodes/$node";
  mkdir $at;
  for my $part (grep { $_ ne '' && $_ ne '.' } split m{/}, $path) {
    die "not simulated: $path on a node without a machine\n" if $part eq '..' || -l "$at/$part";
    $at .= "/$part";
  }
  return $look->($at);
}

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
    kill 'KILL', $pid if $pid && $pid <= 1 << 22;
    die [2, $failure];
  }
  $container{process} = $pid;
  $hosts{$name} = \%container;
  $children{$pid} = {ended => $container{ended}, gone => sub { end_rest(delete $hosts{$name}) if $shared; delete $hosts{$name}; send_frame(0, 'container-ended', $name, $_[0]) }};
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
  confine_to($no_new_privileges, $container->{become}, $container->{filters}, @capabilities);
  # As late as can be, for Perl itself may be over it. A profile that refuses prlimit64 keeps its container from its own limit, too.
  eval { set_limit(2, $container->{memory}) } if $container->{memory} && $container->{memory} < $LIMIT{2};
  my $program = $argv->[0];
  $^W = 0;
  # exec as execvp, but told by runc: what has a slash is a path, else the container's PATH is searched.
  my $is_path = $program =~ m{/};
  my $found = $is_path ? $program : (grep { -f $_ && -x _ } map { "$_/$program" } split /:/, $ENV{PATH} // '')[0]
    // die "exec: \"$program\": executable file not found in \$PATH\n";
  # Last of all, so that they need to let through no more than the program itself asks for.
  if ($no_new_privileges) { put_on($_) for @{$container->{filters}} }
  exec { $found } @$argv;
  die $is_path ? "exec: \"$program\": " . ($! == 2 ? "stat $program: no such file or directory" : "\l$!") : "exec $found: \l$!", "\n";
}

sub build_container_root {
  my ($launch) = @_;
  my $root = '/sys/lab/root';
  mount_at('none', 'none', '/', MS_REC | MS_PRIVATE, '');
  mount_at('tmpfs', 'tmpfs', $root, MS_NOSUID | MS_NODEV, $SIZE{container});
  mkdir "$root/$_", 0755 for qw(upper work root);
  my $layers = 'lowerdir=' . IMAGE . ",upperdir=$root/upper,workdir=$root/work,userxattr";
  my $top = "$root/root";
  mount_at('overlay', 'overlay', $top, MS_NOSUID | MS_NODEV, $layers);
  my @files = @{$launch->{files}};
  while (my ($kind, $mode, $path, $data) = splice @files, 0, 4) { write_entry($kind, $mode, "$top$path", $data) }
  mount_at('proc', 'proc', "$top/proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, '');
  for my $path (grep { -e "$top/proc/$_" } qw(sys sysrq-trigger irq bus fs)) {
    bind_mount("$top/proc/$path", "$top/proc/$path");
    restrict_mount("$top/proc/$path", READ_ONLY);
  }
  make_devices("$top/dev");
  chdir $top or die "chdir: $!\n";
  # What a mount's path leads through may be a learner's symlink (a volume in a volume), so the rest happens with the new root as root.
  mkdir "$top/.old", 0700;
  kernel('pivot_root', '.', './.old');
  chdir '/';
  # Volumes are taken hold of while they can be seen, and put in place when nothing outside can: what a mount's path leads through
  # may be a learner's symlink.
  my @mounts = @{$launch->{mounts}};
  my @held = @{$launch->{held}};
  while (my ($place, $source, $beneath, $target, $options) = splice @mounts, 0, 5) {
    next if $place ne '' && $hosts{$place};
    my $volume = $place eq '' ? "$launch->{folder}/$source" : "/sys/lab/nodes/$place";
    push @held, [hold_volume("/.old$volume", $place eq '' ? $beneath : "$source/$beneath", $options), $target, $options];
  }
  @held = sort { ($a->[2] =~ tr{/}{}) <=> ($b->[2] =~ tr{/}{}) } @held; # outer ones first
  kernel('umount2', '/.old', 2);
  rmdir '/.old';
  place_volume(@$_) for @held;
  # Others' files are the container's own where it has but one user: what only root may write is shut for all of them.
  if ($launch->{own_user}) { chmod 0555, $_ for grep { -d $_ && !-l $_ } '/', map { "/$_" } grep { !m{^(dev|proc|sys|tmp|var/tmp)} } @IMAGE_FOLDERS }
  set_mount('/', READ_ONLY) if $launch->{read_only};
}

# Opens the paths of nodes with a machine, in which a learner's links lead wherever they do on that machine and never out of it.
sub hold_node_paths {
  my ($mounts) = @_;
  my @held;
  for (my $i = 0; $i < @$mounts; $i += 5) {
    my ($place, $source, $beneath, $target, $options) = @$mounts[$i .. $i + 4];
    my $host = $place eq '' ? undef : $hosts{$place} or next;
    my ($tree, $is_folder) = within($host, 'mnt', sub {
      my $path = $beneath eq '' ? $source : "$source/$beneath";
      die "subPath $beneath leads out of its volume\n" if grep { $_ eq '..' } split m{/}, $beneath;
      if (!-e $path) { make_parents($path); mkdir $path, 0755 or die "mkdir $path: $!\n" }
      my $is_folder = -d $path ? 1 : 0;
      my $fd = kernel('open_tree', -100, "$path", 0x8001); # OPEN_TREE_CLONE | AT_RECURSIVE
      open(my $tree, '<&=', $fd) or die "$path: $!\n";
      return ($tree, $is_folder);
    });
    push @held, [$tree, $is_folder, $target, "node $options"];
  }
  return @held;
}

# Opens a folder or file of a pod's volumes as a mount of its own. `beneath` (a subPath) is walked without following links.
sub hold_volume {
  my ($volume, $beneath, $options) = @_;
  sysopen(my $at, $volume, 010000000 | NO_FOLLOW) or die "volume $volume: $!\n"; # O_PATH
  for my $part (grep { $_ ne '' && $_ ne '.' } split m{/}, $beneath) {
    die "subPath $beneath leads out of its volume\n" if $part eq '..';
    my $next = '/.old/proc/self/fd/' . fileno($at) . "/$part";
    mkdir $next, 0755 if $options =~ /make/ && !-e $next && !-l $next;
    sysopen(my $inner, $next, 010000000 | NO_FOLLOW) or die "subPath $beneath: $!\n";
    die "subPath $beneath leads through a link\n" if ((stat $inner)[2] & 0170000) == 0120000;
    $at = $inner;
  }
  my $fd = kernel('open_tree', fileno($at) + 0, '', 0x1001); # OPEN_TREE_CLONE | AT_EMPTY_PATH
  open(my $tree, '<&=', $fd) or die "volume: $!\n";
  return ($tree, ((stat $at)[2] & 0170000) == 0040000 ? 1 : 0);
}

sub place_volume {
  my ($tree, $is_folder, $target, $options) = @_;
  if (!-e $target) {
    make_parents($target);
    if ($is_folder) { mkdir $target, 0755 or die "mkdir $target: $!\n" }
    else { open(my $point, '>', $target) or die "$target: $!\n" }
  }
  kernel('move_mount', fileno($tree) + 0, '', -100, "$target", 4); # MOVE_MOUNT_F_EMPTY_PATH
  # What a machine has of devices it may show to who is given its folders.
  set_mount($target, NO_SUID | ($options =~ /node/ ? 0 : NO_DEV) | ($options =~ /ro/ ? READ_ONLY : 0));
}
1;
