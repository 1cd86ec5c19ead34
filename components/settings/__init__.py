"""Settings: everything a stack file may say, parsed once and checked before anything is made.

:func:`components.settings.load.load` turns the value of ``openedx-large:platform`` into
:class:`components.settings.platform.PlatformSettings`, or raises
:class:`components.settings.errors.SettingsError` with everything that is wrong.
"""
