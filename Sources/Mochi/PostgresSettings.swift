/// How the private PostgreSQL runs: for two cores and a machine that it shares with Mochi's own processes.
enum PostgresSettings {
    static func text(sockets: String, logs: String) -> String {
        """
        # Written by `mochi up` at each start; put your own settings into local.conf beside this file.
        listen_addresses = ''
        port = 5432
        unix_socket_directories = \(quoted(sockets))
        unix_socket_permissions = 0700
        max_connections = 60
        shared_buffers = 256MB
        effective_cache_size = 1GB
        work_mem = 16MB
        maintenance_work_mem = 128MB
        # A 2xx of the collector is durable by its spool, a password change only by this.
        synchronous_commit = on
        wal_compression = on
        min_wal_size = 256MB
        max_wal_size = 2GB
        checkpoint_timeout = 15min
        random_page_cost = 1.1
        effective_io_concurrency = 100
        max_worker_processes = 4
        max_parallel_workers = 2
        max_parallel_workers_per_gather = 1
        # Compiling takes longer than any statement of ours runs.
        jit = off
        autovacuum = on
        timezone = 'UTC'
        log_timezone = 'UTC'
        log_destination = 'stderr'
        logging_collector = on
        log_directory = \(quoted(logs))
        # One file for each day of the week, overwritten a week later.
        log_filename = 'postgresql-%a.log'
        log_rotation_age = 1d
        log_rotation_size = 0
        log_truncate_on_rotation = on
        log_line_prefix = '%m [%p] %u %a '
        log_min_duration_statement = 5s
        # A statement's values may be somebody's.
        log_parameter_max_length = 0
        log_parameter_max_length_on_error = 0
        log_lock_waits = on

        """
    }

    private static func quoted(_ value: String) -> String {
        "'" + value.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
