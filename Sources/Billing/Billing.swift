package import Operations

/// What accounts pay for.
package enum Billing {
    package enum Mode: Hashable, Sendable {
        /// Without Stripe's key: every account is on the free plan.
        case off
        case stripe
    }

    package static func mode(_ configuration: Configuration) -> Mode {
        configuration.stripeKey == nil ? .off : .stripe
    }
}

/// What an account may use.
package struct Plan: Identifiable, Hashable, Sendable {
    package let id: String
    package let name: String
    /// Events a month; nil is without a limit.
    package let monthlyEvents: Int?

    /// What an account without a subscription is on.
    package static let free = Plan(id: "free", name: "Free", monthlyEvents: nil)

    package static let all = [free]
}
