import Auth
import Outbound

/// What somebody gets who has signed up: where their sites are, and how to begin.
enum WelcomeMail {
    static func message(to user: User, baseURL: String) throws -> Message {
        Message(
            to: try Mailbox(name: user.name, address: user.email), subject: "Welcome to Mochi",
            text: """
                \(user.name.isEmpty ? "Hello," : "Hello \(user.name),")

                your account at Mochi is ready. Your sites are here:

                \(baseURL)/sites

                To begin, add a site and put its one line of script on your pages. The first visit shows up
                within seconds.

                If you did not sign up, somebody mistyped their address: nothing else will be sent to you.
                """)
    }
}
