# The supervisor of one lab: makes its hosts, then does what the server asks until it hangs up.

our (%hosts, %shells, %children, %daemons);
our $shells_begun = 0;
# Whether the lab has other users than the one that is its root.
our $has_users;
my %dials;

sub supervise {
  my @plan = @_;
  mount_at('proc', 'proc', '/proc', MS_NOSUID | MS_NODEV | MS_NOEXEC, '');
  mount_at('tmpfs', 'tmpfs', '/sys/lab', MS_NOSUID | MS_NODEV, 'mode=755,size=64m,nr_inodes=4000');
  $has_users = slurp('/proc/self/uid_map') =~ /\n./;
  mkdir "/sys/lab/$_" for qw(root shells nodes);
  write_entry('file', '111', '/sys/lab/init', $INIT);
  for my $kind (qw(mnt net)) {
    open($HOME_NAMESPACE->{$kind}, '<', "/proc/self/ns/$kind") or die "namespace $kind: $!\n";
  }
  plan_hosts(@plan);
  my $inotify = open_inotify();
  my $last_guard = 0;
  while (1) {
    my ($read, $write) = ('', '');
    vec($read, fileno $_, 1) = 1 for $CHANNEL, $inotify, coming_lines(), rule_watches(), (map { $_->{ended} } values %children),
      (map { ($_->{ended}, $_->{waits} ? () : $_->{line}) } values %daemons), map { $_->{visitors} // () } values %hosts;
    vec($write, fileno $_->{socket}, 1) = 1 for values %dials;
    my $ready = select($read, $write, undef, are_hosts_planned() ? 0 : 1);
    if ($last_guard != time) { guard_memory(); $last_guard = time }
    if ($ready <= 0) { begin_next_host(); next }
    hear_coming($_) for grep { vec($read, fileno $_, 1) } coming_lines();
    settle_dial($_) for grep { vec($write, fileno $dials{$_}{socket}, 1) } keys %dials;
    reap() if grep { vec($read, fileno $_->{ended}, 1) } values %children;
    hear_daemons($read);
    tell_changes() if vec($read, fileno $inotify, 1);
    tell_lost_rules($_) for grep { vec($read, fileno $_, 1) } rule_watches();
    admit($_) for grep { $_->{visitors} && vec($read, fileno $_->{visitors}, 1) } values %hosts;
    if (vec($read, fileno $CHANNEL, 1)) {
      if (are_entries_coming()) { take_entries(); next }
      my $frames = arrived_frames() // exit 0;
      answer(@$_) for @$frames;
    }
  }
}

# There may be no cgroup to bound a lab's memory, so the biggest program is ended when all of them together have too much. It is
# a guard against accidents and simple mischief: within a second a program can take more. Pages shared with files do not count.
sub guard_memory {
  opendir(my $list, '/proc') or return;
  my ($total, $biggest, $size) = (0, 0, 0);
  for my $pid (grep { /^\d+$/ && $_ > 1 } readdir $list) {
    open(my $file, '<', "/proc/$pid/statm") or next;
    my (undef, $resident, $shared) = split / /, <$file> // next;
    my $own = ($resident // 0) - ($shared // 0);
    $total += $own;
    ($biggest, $size) = ($pid, $own) if $own > $size && !$children{$pid};
  }
  kill 'KILL', $biggest if $biggest && $total * 4096 > $SIZE{memory};
}

sub slurp {
  open(my $file, '<', $_[0]) or die "$_[0]: $!\n";
  return rest_of($file);
}

sub rest_of {
  my ($file) = @_;
  local $/;
  return <$file>;
}

# Also what a keeper that was killed left to process 1, which is us.
sub reap {
  while ((my $pid = waitpid(-1, 1)) > 0) {
    my $status = status_of($?);
    my $child = delete $children{$pid} or next;
    $child->{gone}->($status);
  }
  hear_shims();
}

# Whoever is not root calls a host's modelled commands here, where the kernel tells who it is (SO_PEERCRED).
sub admit {
  my ($host) = @_;
  accept(my $visitor, $host->{visitors}) or return;
  my (undef, $uid) = unpack('lLL', getsockopt($visitor, 1, 17));
  hand_over("visitor${uid}of$host->{name}", 'net.Socket', $visitor);
}

my %does = (
  exec => sub {
    my ($id, $name, $user, $login, $cwd, $count, @words) = @_;
    my $host = $hosts{$name} // die "$name is gone\n";
    my @env = splice @words, 0, 2 * $count;
    socketpair(my $ours, my $theirs, 1, 1, 0) or die "socketpair: $!\n";
    fork_keeper(sub { close($theirs); keep_program($host, $ours, {user => user_of($user), login => $login, cwd => $cwd, env => \@env, argv => \@words, container => $host->{rights} && $host}) }, sub { });
    hand_over($id, 'net.Socket', $theirs);
    return;
  },
  shell => sub {
    my ($id, $name, $user, $login, $session, $rows, $columns, $cwd, $count, @words) = @_;
    my $host = $hosts{$name} // die "$name is gone\n";
    my @env = splice @words, 0, 2 * $count;
    my $key = "$name.$session";
    my $resumed = exists $shells{$key} ? 1 : 0;
    if (!$resumed) {
      my $listener = unix_listener("/sys/lab/shells/$key", 0600);
      my $number = ++$shells_begun;
      fork_keeper(
        sub { keep_terminal($host, $listener, {user => user_of($user), login => $login, cwd => $cwd, env => \@env, argv => \@words, container => $host->{rights} && $host}, $rows, $columns) },
        sub {
          delete $shells{$key} if $shells{$key} == $number;
          send_frame(0, 'shell-ended', $number, $_[0]);
        },
      );
      $shells{$key} = $number;
    }
    hand_over($id, 'net.Socket', attach($key));
    return ($resumed, $shells{$key});
  },
  'end-shell' => sub {
    my ($id, $number) = @_;
    for my $key (grep { $shells{$_} == $number } keys %shells) {
      syswrite(attach($key), pack('CN', 4, 0));
    }
    return;
  },
  # `for_daemon`: whose process is to have the socket too.
  listen => sub {
    my ($id, $name, $address, $port, $for_daemon) = @_;
    my $listener = listen_tcp($hosts{$name}, $address, $port);
    park($id, $listener) if $for_daemon;
    hand_over($id, 'net.Server', $listener);
    return;
  },
  'listen-unix' => sub {
    my ($id, $name, $path, $mode, $group, $for_daemon) = @_;
    my $listener = listen_unix($hosts{$name}, $path, oct $mode, $has_users ? $group : 0);
    park($id, $listener) if $for_daemon;
    hand_over($id, 'net.Server', $listener);
    return;
  },
  unlisten => sub { unpark($_[1]); return },
  programs => sub { my ($id, $name, @programs) = @_; lay_programs($hosts{$name} // die("$name is gone\n"), @programs) },
  daemons => sub { start_daemons(@_[1 .. $#_]) },
  'daemon-heard' => sub { delete $daemons{$_[1]}{waits} if $daemons{$_[1]}; return },
  'end-daemon' => sub { end_daemon($_[1]); return },
  # Where a container's modelled commands call, which it is shown by a mount.
  'command-socket' => sub { hand_over($_[0], 'net.Server', unix_listener("/sys/lab/shells/$_[1].commands", 0666)); return },
  read => sub { read_host_file($hosts{$_[1]}, $_[2], $_[3]) },
  write => sub { write_host_file($hosts{$_[1]}, @_[2 .. 4]); return },
  append => sub { append_host_file($hosts{$_[1]}, @_[2 .. 4]); return },
  size => sub { size_of_host_file($hosts{$_[1]}, $_[2]) },
  link => sub { link_host_file($hosts{$_[1]}, @_[2, 3]); return },
  tree => sub { list_host_tree($hosts{$_[1]}, @_[2 .. $#_]) },
  list => sub { list_host_folder($hosts{$_[1]}, $_[2]) },
  remove => sub { remove_host_file($hosts{$_[1]}, $_[2]); return },
  watch => sub { watch_host_path($_[0], $hosts{$_[1]}, $_[2]); return },
  unwatch => sub { unwatch($_[1]); unwatch_rules($_[1]); return },
  # What a network is given by the daemons in it: a rule set of nft; settings that are switched on, links, and rules as iptables-save has
  # them, which are added to what is there.
  filter => sub { my ($id, $name, $rules) = @_; within_network($name, sub { feed($rules, 'nft', '-f', '-') }); return },
  'host-network' => sub {
    my ($id, $name, $settings, $links, $rules) = @_;
    within_network($name, sub {
      write_kernel_file("/proc/sys/net/ipv4/$_", '1') for split / /, $settings;
      change_network($links) if length $links;
      feed($rules, 'iptables-restore', '--noflush', '--wait', '5') if length $rules;
    });
    return;
  },
  'host-rules' => sub { my ($id, $name) = @_; within_network($name, sub { feed('', 'iptables-save') }) },
  'watch-rules' => sub { my ($id, $name, $chain) = @_; within_network($name, sub { watch_rules($id, $chain) }); return },
  datagrams => sub { hand_over($_[0], 'dgram.Socket', bind_udp($hosts{$_[1]} // die("$_[1] is gone\n"), @_[2, 3])); return },
  pod => sub { start_pod(@_[1 .. $#_]); return },
  'node-path' => sub { look_at_node_path(@_[1 .. 3]) },
  'read-volume' => sub { read_volume(@_[1 .. 3]) },
  'storage-used' => sub { storage_used(@_[1 .. 3]) },
  'end-pod' => sub { end_pod($_[1]); return },
  volumes => sub { write_volumes($_[1], entries(@_[2 .. $#_])); return },
  # Its streams are handed over under the numbers that are named: output, error output and, if asked for, input. Returns its number on its node.
  container => sub {
    my ($id, $streams, @fields) = @_;
    my @ids = split / /, $streams;
    my ($number, @streams) = start_container(@fields);
    hand_over(shift @ids, 'net.Socket', $_) for @streams;
    return $number;
  },
  confine => sub { confine_container(@_[1 .. $#_]); return },
  observe => sub { hand_over($_[0], 'net.Socket', start_observer()); return },
  signal => sub {
    my ($id, $name, $number) = @_;
    signal_process($hosts{$name}{ended}, $number) if $hosts{$name};
    return;
  },
  command => sub {
    my ($id, $name, $command) = @_;
    my $path = "/sys/lab/$name/local/bin/$command";
    unlink $path;
    symlink('/usr/local/lib/breachlab/command', $path) or die "$path: $!\n";
    return;
  },
);

sub answer {
  my ($id, $what, @fields) = @_;
  if ($what eq 'dial') {
    my ($socket, $error) = eval { begin_dial($hosts{$fields[0]}, @fields[1 .. $#fields]) };
    if (!$socket) { send_frame($id, 'error', ref $@ ? @{$@} : (0, $@)); return }
    $dials{$id} = {socket => $socket};
    settle_dial($id, $error) if defined $error;
    return;
  }
  if ($what eq 'hang-up') { delete $dials{$fields[0]}; return }
  my @result = eval { $does{$what}->($id, @fields) };
  if ($@) { send_frame($id, 'error', ref $@ ? @{$@} : (0, "$@")) } else { send_frame($id, 'done', @result) }
}

# User, group and further groups of a program; nothing for root, which everybody is where a lab has no other users.
sub user_of { $has_users && $_[0] =~ /^[1-9]/ ? [split / /, $_[0]] : undef }

sub attach {
  my ($key) = @_;
  socket(my $socket, 1, 1, 0) or die "socket: $!\n";
  connect($socket, pack('S a*', 1, "/sys/lab/shells/$key\0")) or die "attach: $!\n";
  return $socket;
}

sub settle_dial {
  my ($id, $error) = @_;
  my $dial = delete $dials{$id};
  $error //= unpack('l', getsockopt($dial->{socket}, 1, 4));
  hand_over($id, 'net.Socket', $dial->{socket}) unless $error;
  send_frame($id, 'done', $error);
}

sub fork_keeper {
  my ($keep, $gone) = @_;
  my $pid = fork() // die "fork: $!\n";
  if ($pid == 0) {
    eval {
      close($_) for $CHANNEL, $HANDLES, map { $_->{socket} } values %dials;
      die_first();
      $keep->();
      1;
    } or warn "a keeper failed: $@";
    exit_now(0);
  }
  $children{$pid} = {ended => pidfd($pid), gone => $gone};
}

1;
