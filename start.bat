@echo off
rem Double click: installs what is missing into .venv and starts shopdata on http://127.0.0.1:8501
cd /d "%~dp0"
py -3 scripts\environment.py || (pause & exit /b 1)
.venv\Scripts\python.exe -m shopdata serve
pause
