;;; smoke.el --- The set-up of docs/editors/emacs.md, tried in a real Emacs  -*- lexical-binding: t -*-

;; Evaluates the page's own code, opens a script, and checks what a user would see. Prints `ok` or `FAILED` lines.

(require 'package)
(package-initialize)

(defvar smoke-page (getenv "METASCRIPT_PAGE"))
(defvar smoke-script (getenv "METASCRIPT_SCRIPT"))
(defvar smoke-patience (string-to-number (or (getenv "METASCRIPT_TEST_PATIENCE_S") "60")))

(defun smoke-check (what holds)
  "Print whether WHAT HOLDS."
  (princ (format "%s %s\n" (if holds "ok     " "FAILED ") what))
  holds)

(defun smoke-eventually (what predicate)
  "Check that PREDICATE comes true in time; WHAT says what it means."
  (let ((end (time-add nil smoke-patience)) holds)
    (while (and (not (setq holds (ignore-errors (funcall predicate)))) (time-less-p nil end))
      (accept-process-output nil 0.1))
    (smoke-check what holds)))

(defun smoke-blocks (page)
  "The Emacs Lisp of PAGE, block by block."
  (with-temp-buffer
    (insert-file-contents page)
    (let (blocks)
      (while (search-forward "\n```elisp\n" nil t)
        (let ((start (point)))
          (search-forward "\n```")
          (push (buffer-substring start (match-beginning 0)) blocks)))
      (nreverse blocks))))

(defun smoke-evaluate (text)
  "Evaluate all forms of TEXT."
  (with-temp-buffer
    (insert text)
    (eval-buffer)))

(condition-case problem
    (progn
      (mapc #'smoke-evaluate (smoke-blocks smoke-page))
      (smoke-check "the page's code is evaluated" (fboundp 'metascript-run-cell))
      ;; In batch mode nothing runs after a command: eglot-ensure waits for that.
      (remove-hook 'metascript-mode-hook #'eglot-ensure)
      (find-file smoke-script)
      (smoke-check "the mode is chosen by the file's name" (eq major-mode 'metascript-mode))
      (apply #'eglot (eglot--guess-contact))
      (smoke-eventually "the server is connected" #'eglot-current-server)
      (smoke-eventually "what is wrong is marked"
                        (lambda ()
                          (flymake-start)
                          (seq-some (lambda (it) (string-match-p "lines" (flymake-diagnostic-text it)))
                                    (flymake-diagnostics))))
      (goto-char (point-min))
      (search-forward "PYTHON")
      (metascript-run-cell)
      (smoke-eventually "the cell's output stands under it"
                        (lambda ()
                          (seq-some (lambda (it)
                                      (string-match-p "forty-two 42" (or (overlay-get it 'after-string) "")))
                                    (overlays-in (point-min) (1+ (point-max))))))
      (goto-char (point-max))
      (insert "ACT")
      (smoke-check "block keywords are completed"
                   (let* ((found (run-hook-with-args-until-success 'completion-at-point-functions))
                          (all (all-completions "ACT" (nth 2 found))))
                     (seq-some (lambda (it) (string-prefix-p "ACTION" it)) all)))
      (set-buffer-modified-p nil)
      (eglot-shutdown (eglot-current-server)))
  (error (smoke-check (format "no error: %S" problem) nil)))
(kill-emacs 0)
