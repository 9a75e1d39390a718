import Foundation

/// A small server in Python's standard library, for the length of one test.
///
/// The script prints its port on the first line, and may print one line for each thing that it took.
final class PythonServer: Sendable {
    let port: Int
    private let process: Process
    private let input: FileHandle
    private let output: FileHandle

    /// Without python3, tests that need a server cannot run.
    static let isAvailable = run("import sys", input: Data()) != nil

    private init(_ script: String, _ arguments: [String]) throws {
        let (input, output) = (Pipe(), Pipe())
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-u", "-c", Self.leash + script] + arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        self.input = input.fileHandleForWriting
        self.output = output.fileHandleForReading
        try process.run()
        port = Int(Self.line(self.output)) ?? 0
    }

    @discardableResult
    static func with<R>(
        _ script: String, _ arguments: [String] = [], _ body: (PythonServer) async throws -> R
    ) async throws -> R {
        // Starting blocks, which the threads that run tests must not.
        let server = try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                continuation.resume(with: Result { try PythonServer(script, arguments) })
            }
        }
        defer {
            try? server.input.close()
            // Not SIGTERM: a child of a thread that blocks signals would never hear of it.
            kill(server.process.processIdentifier, SIGKILL)
        }
        return try await body(server)
    }

    func nextLine() -> String { Self.line(output) }

    private static func line(_ file: FileHandle) -> String {
        var line = Data()
        while let byte = try? file.read(upToCount: 1), !byte.isEmpty, byte.first != UInt8(ascii: "\n") {
            line += byte
        }
        return String(decoding: line, as: UTF8.self)
    }

    /// Runs a script to its end and answers what it printed; nil if it failed.
    static func run(_ script: String, input: Data) -> String? {
        let (process, stdin, stdout) = (Process(), Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return nil }
        stdin.fileHandleForWriting.write(input)
        try? stdin.fileHandleForWriting.close()
        let output = stdout.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? String(decoding: output, as: UTF8.self) : nil
    }

    /// Whoever started it is gone: so is the server.
    private static let leash = """
        import os, sys, threading
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()

        """

    static let web = """
        import http.server, json, sys, time, urllib.parse

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *args): pass
            def answer(self, status, body=b"", **headers):
                self.send_response(status)
                for name, value in headers.items(): self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do_GET(self):
                url = urllib.parse.urlparse(self.path)
                query = dict(urllib.parse.parse_qsl(url.query))
                if url.path == "/status": self.answer(int(query["code"]), b"hello", Greeting="  a b ")
                elif url.path == "/to": self.answer(302, Location=query["url"])
                elif url.path == "/loop": self.answer(302, Location="/loop")
                elif url.path == "/large": self.answer(200, b"x" * int(query["bytes"]))
                elif url.path == "/headers": self.answer(200, **{f"H{n}": "x" * 1000 for n in range(90)})
                elif url.path == "/silent": time.sleep(30)
                elif url.path == "/drip":
                    self.send_response(200); self.send_header("Content-Length", "1000"); self.end_headers()
                    for _ in range(300): self.wfile.write(b"x"); time.sleep(0.1)
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.answer(200, json.dumps({"method": self.command, "body": body.decode(),
                    "headers": {k.lower(): v for k, v in self.headers.items()}}, sort_keys=True).encode())
            do_DELETE = do_POST

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            def handle_error(self, *args): pass
        server = Server(("0.0.0.0", 0), Handler)
        if len(sys.argv) > 1:
            import ssl
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(sys.argv[1])
            server.socket = context.wrap_socket(server.socket, server_side=True)
        print(server.server_port)
        server.serve_forever()
        """

    /// Answers RCPT with its first argument, and prints what it took as JSON.
    static let mail = """
        import base64, json, socketserver, sys
        verdict = sys.argv[1] if len(sys.argv) > 1 else "250 fine"

        class Handler(socketserver.StreamRequestHandler):
            def say(self, text): self.wfile.write((text + "\\r\\n").encode())
            def handle(self):
                self.say("220 test")
                seen = {"hello": "", "login": "", "from": "", "to": "", "data": ""}
                for line in self.rfile:
                    line = line.decode().rstrip("\\r\\n")
                    verb = line.split(" ")[0].upper()
                    if verb == "EHLO":
                        seen["hello"] = line[5:]
                        self.say("250-test"); self.say("250-AUTH PLAIN"); self.say("250 SIZE 1000000")
                    elif verb == "AUTH":
                        answer = line.split(" ")[2] if len(line.split(" ")) > 2 else None
                        if answer is None:
                            self.say("334 "); answer = self.rfile.readline().decode().strip()
                        seen["login"] = base64.b64decode(answer).decode().replace("\\0", "|")
                        self.say("235 welcome")
                    elif verb == "MAIL": seen["from"] = line[10:]; self.say("250 fine")
                    elif verb == "RCPT": seen["to"] = line[8:]; self.say(verdict)
                    elif verb == "DATA":
                        self.say("354 go on")
                        data = []
                        while (line := self.rfile.readline()) != b".\\r\\n":
                            data.append(line[1:] if line.startswith(b".") else line)
                        seen["data"] = b"".join(data).decode()
                        self.say("250 taken"); print(json.dumps(seen), flush=True)
                    elif verb == "QUIT": self.say("221 bye"); return
                    else: self.say("502 what")

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        print(server.server_address[1])
        server.serve_forever()
        """
}
