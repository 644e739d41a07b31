"""stub"""
def history(page): pass
