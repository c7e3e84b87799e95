# Processes of the daemons that the server plays in a host. Each is in the host what the daemon would be: under its name, with its words, its
# user and its listening sockets. It does nothing but tell of signals (daemon-program.ts); what they mean to the daemon the server says.
our (%hosts, %NR, %SIZE, $CHANNEL, $HANDLES, @KEPT_CAPABILITIES, %PROGRAM);

# By the server's number: `ended`, its pidfd, and `line`, which is its standard output.
our %daemons;

# ---- Their sockets -------------------------------------------------------------------------------------------------------------------

# Listening sockets that no process has yet, by the server's number. Each is on its way between two sockets, so that no child that is forked
# meanwhile has a copy of it: a port is free again only when nobody has it.
my %parked;

sub park {
  my ($id, $socket) = @_;
  socketpair(my $in, my $out, 1, 5, 0) or die "socketpair: $!\n";
  send_with($in, 'p', $socket);
  $parked{$id} = $out;
}

# Takes it out; nothing where it has been taken already.
sub unpark {
  my $parked = delete $parked{$_[0]} or return;
  my (undef, $socket) = receive_with($parked);
  return $socket;
}

# ---- Their programs ------------------------------------------------------------------------------------------------------------------

# Where programs lie for nobody to see, but to be told in /proc by their path there, as a container's are on its node: by kind, for two kinds
# may have the same path, a file system that no host shows and that lives as long as it is open.
my %hidden;

sub hide_programs {
  my ($kind) = @_;
  return if $hidden{$kind};
  my $place = '/sys/lab/hidden';
  mkdir $place;
  mount_at('tmpfs', 'tmpfs', $place, MS_NOSUID | MS_NODEV, 'mode=755,size=64k,nr_inodes=4k');
  write_file("$place/program", '755', $PROGRAM{$kind});
  opendir($hidden{$kind}, $place) or die "$place: $!\n";
  kernel('umount2', "$place", 2);
}

# Puts a program of that kind at the path that it is to be told by.
sub hide_program {
  my ($kind, $path) = @_;
  my $folder = '/proc/self/fd/' . fileno $hidden{$kind};
  return if -e "$folder$path";
  make_parents("$folder$path");
  link("$folder/program", "$folder$path") or die "$path: $!\n";
}

# Executes it, with these words and this process's environment.
sub execute_hidden {
  my ($kind, $path, @words) = @_;
  my @env = map { "$_=$ENV{$_}" } sort keys %ENV;
  kernel('execveat', fileno($hidden{$kind}) + 0, substr($path, 1), pack('p*', @words, undef), pack('p*', @env, undef), 0);
}

# Puts programs among those of this machine, as path and content. Returns whether they lie there now; where they cannot, they can be called.
sub lay_programs {
  my ($host, @programs) = @_;
  my $clients = "/sys/lab/$host->{name}/local/lib/breachlab/programs";
  mkdir $clients;
  my @names = map { $programs[2 * $_] =~ s{.*/}{}r } 0 .. $#programs / 2;
  symlink('../command', "$clients/$_") for @names;
  within($host, 'mnt', sub {
    $host->{own_programs} //= eval { open_program_folders(); 1 } || 0;
    return unless $host->{own_programs};
    while (my ($path, $content) = splice @programs, 0, 2) { write_file($path, '755', $content) }
  });
  return 1 if $host->{own_programs};
  symlink('/usr/local/lib/breachlab/command', "/sys/lab/$host->{name}/local/bin/$_") for @names;
  return 0;
}

# From now on these folders can be written to, and the machine's own stay as they are. Dies where the kernel cannot do that (overlayfs in
# user namespaces: Linux 5.11).
sub open_program_folders {
  my $place = '/mnt'; # nobody has looked into the host yet
  mount_at('tmpfs', 'tmpfs', $place, MS_NOSUID | MS_NODEV, $SIZE{programs});
  my $opened = eval {
    for my $folder (grep { !-l "/usr/$_" } qw(bin sbin)) {
      mkdir $_ or die "mkdir $_: $!\n" for "$place/$folder", "$place/$folder.work";
      my $layers = "userxattr,lowerdir=/usr/$folder,upperdir=$place/$folder,workdir=$place/$folder.work";
      mount_at('overlay', 'overlay', "/usr/$folder", MS_NOSUID | MS_NODEV, $layers);
    }
    1;
  };
  my $failure = $@;
  kernel('umount2', "$place", 2);
  die $failure unless $opened;
}

# ---- The processes -------------------------------------------------------------------------------------------------------------------

# Starts them, each told in a field (daemon_of), and returns for each that runs its number and its process number in the host.
sub start_daemons {
  my ($name, @fields) = @_;
  my $host = $hosts{$name} // die "$name is gone\n";
  my @daemons = map { daemon_of($_) } @fields;
  hide_programs('daemon');
  hide_program('daemon', $_->{program}) for @daemons;
  socketpair(my $ours, my $theirs, 1, 5, 0) or die "socketpair: $!\n";
  my $keeper = fork() // die "fork: $!\n";
  if ($keeper == 0) {
    eval {
      close($_) for $CHANNEL, $HANDLES, $ours;
      die_first();
      enter_host($host);
      # In the host: what it forks is process 1's once it has gone, as what systemd starts is.
      my $starter = fork() // die "fork: $!\n";
      if ($starter) { waitpid($starter, 0) }
      else { for my $daemon (@daemons) { (fork_as($daemon->{process}) // next) or become_daemon($theirs, $daemon) } }
      1;
    } or warn "daemons of $name: $@";
    exit_now(0);
  }
  close($theirs);
  my %line = map { @$_{qw(number line)} } @daemons;
  my @started;
  while (my ($said, $ended) = receive_with($ours)) {
    if (!$ended) { warn "a daemon's process on $name: $said"; next }
    my ($number, $process) = split / /, $said;
    $daemons{$number} = {ended => $ended, line => $line{$number}};
    push @started, $number, $process;
  }
  waitpid($keeper, 0);
  return @started;
}

sub daemon_of {
  my ($number, $process, $user, $program, $sockets, $count, @words) = words($_[0]);
  socketpair(my $line, my $output, 1, 1, 0) or die "socketpair: $!\n";
  my @env = splice @words, 0, 2 * $count;
  return {
    number => $number, process => $process, user => user_of($user), program => $program, line => $line, output => $output,
    sockets => [map { unpark($_) // () } split / /, $sockets], env => \@env, argv => \@words,
  };
}

# Forks, with that process number if it is free: a daemon that starts itself anew stays who it is (clone3(2), set_tid).
sub fork_as {
  my ($process) = @_;
  if ($process) {
    my $number = pack('l', $process);
    my $request = pack('Q8 P Q', 0, 0, 0, 0, 17, 0, 0, 0, $number, 1);
    my $forked = syscall($NR{clone3}, $request, length $request);
    return $forked if $forked >= 0;
  }
  return fork();
}

sub become_daemon {
  my ($tell, $daemon) = @_;
  eval {
    kernel('setsid');
    send_with($tell, "$daemon->{number} $$", pidfd($$));
    run_modelled(-x $daemon->{program} ? '' : 'daemon', $daemon);
  };
  syswrite($tell, substr($@, 0, 100)); # without a pidfd it is a complaint
  exit_now(127);
}

# In a host: becomes a `program` there, or one that is hidden, which is to have `argv`, `env`, `user`, its standard `output` and `sockets`, and
# every signal blocked.
sub run_modelled {
  my ($hidden, $look) = @_;
  open(STDIN, '<', '/dev/null') && open(STDOUT, '>&', $look->{output}) && open(STDERR, '>&', $look->{output}) or die "open: $!\n";
  if (my $user = $look->{user}) { chown @$user[0, 1], *STDOUT }
  kernel('close_range', 3, 0xffffffff, 4); # closed on exec
  fcntl($_, 2, 0) for @{$look->{sockets}}; # but these
  chdir '/';
  umask 022;
  %ENV = @{$look->{env}};
  $SIG{$_} = 'DEFAULT' for qw(PIPE CHLD);
  block_signals();
  confine_to(1, $look->{user}, [], @KEPT_CAPABILITIES);
  $^W = 0;
  execute_hidden($hidden, $look->{program}, @{$look->{argv}}) if $hidden;
  exec { $look->{program} } @{$look->{argv}};
  die "$look->{program}: $!\n";
}

sub block_signals {
  my $all = "\xff" x 8;
  kernel('rt_sigprocmask', 2, $all, 0, 8);
}

# The daemons whose processes have something to tell.
sub hear_daemons {
  my ($read) = @_;
  for my $number (keys %daemons) {
    my $daemon = $daemons{$number};
    my $has_ended = vec($read, fileno $daemon->{ended}, 1);
    tell_signals($number) if $has_ended || ($daemon->{line} && vec($read, fileno $daemon->{line}, 1));
    next unless $has_ended;
    delete $daemons{$number};
    send_frame(0, 'daemon-ended', $number);
  }
}

# Each of those that have come once: whoever sends a thousand is not heard a thousand times. More is read only when the server has heard.
sub tell_signals {
  my ($number) = @_;
  my $daemon = $daemons{$number};
  nonblocking($daemon->{line});
  my %signals;
  if (sysread($daemon->{line}, my $told, 1 << 12)) { @signals{unpack('C*', $told)} = () }
  return unless %signals;
  $daemon->{waits} = 1;
  send_frame(0, 'daemon-signalled', $number, join ' ', sort { $a <=> $b } keys %signals);
}

# By its pidfd, which is nobody else's even when its number is.
sub end_daemon {
  my $daemon = $daemons{$_[0]} or return;
  syscall($NR{pidfd_send_signal}, fileno($daemon->{ended}) + 0, 9, 0, 0);
}
