/// What a page says after something was done, by the name that stands in its address: `?done=saved`.
enum Notices {
    private static let texts = [
        "saved": "Saved.",
        "confirmed": "Your address is confirmed.",
        "sent": "We have sent you a mail. Follow the link in it.",
        "password": "Your password is changed. All other sessions have ended.",
        "reset": "Your password is changed. Log in with the new one.",
        "changed": "Your address is changed.",
        "undone":
            "Your old address is back, and every session has ended. Choose a new password with the link that we have just mailed to you.",
        "ended": "The session has ended.",
        "erasing": "The account is deleted. Its figures are being erased.",
        "released": "The domain is free.",
        "invited": "The invitation is on its way.",
        "revoked": "The invitation is revoked.",
        "offered": "The offer is on its way.",
        "withdrawn": "The offer is withdrawn.",
    ]

    static func text(_ name: String?) -> String? { name.flatMap { texts[$0] } }
}
