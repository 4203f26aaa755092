"""The tasks of `hub_envs.phonesim` as plain data, for whoever lists them without a phone."""

PHONE_TASKS = (
    # name, summary
    ("ContactsAdd", "create a contact with a phone number"),
    ("ContactsChangePhone", "change somebody's phone number"),
    ("ContactsDelete", "delete a contact"),
    ("ContactsFavourite", "make a contact a favourite"),
    ("ContactsFindPhone", "look up somebody's phone number"),
    ("ContactsAddFull", "create a contact with everything about somebody"),
    ("ContactsDeleteIfThere", "delete a contact, or say that there is no such"),
    ("ContactsDeduplicate", "delete the poorer one of each contact that is there twice"),
    ("MessagesSend", "send a message to a contact"),
    ("MessagesReply", "reply to a message"),
    ("MessagesDeleteConversation", "delete a conversation"),
    ("MessagesDeleteOne", "delete one message of a conversation"),
    ("MessagesForward", "forward a message"),
    ("MessagesToNumber", "send a message to a number"),
    ("MessagesFindCode", "find a code in messages, where it changed"),
    ("MessagesToSeveral", "send the same message to several contacts"),
)
"""Of each task its name and what it is about, in the order of `hub_envs.phonesim.tasks.TASKS`."""
