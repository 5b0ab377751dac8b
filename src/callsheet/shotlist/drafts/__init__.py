"""First lists made from files that aren't lists: a screenplay's scenes, a storyboard's boards, a timeline's clips. What these don't say
stays empty, and nothing is bought until a person sets the rows to ready.
"""
